// strip.js: a drawing of many things in a row, of which one is looked at: by the mouse, a finger, or the arrow keys.
// In: how many, where each is, what it is called. Out: a focusable drawing that tells and opens them.

const tip = byId("tip");

function showTip(children, x, y) {
	tip.replaceChildren(...children);
	tip.hidden = false;
	const box = tip.getBoundingClientRect();
	const left = Math.min(Math.max(8, x + 14), document.documentElement.clientWidth - box.width - 8);
	const above = y + 18 + box.height > innerHeight;
	tip.style.left = Math.max(8, left) + "px";
	tip.style.top = Math.max(8, above ? y - box.height - 12 : y + 18) + "px";
}
function hideTip() {
	tip.hidden = true;
}

// things: { length, at(x, y) -> position or -1, outline(i) -> path, center(i) -> [x, y], tell(i) -> elements, say(i) -> text, open(i) }
// To assistive technology it is a slider over the things: one stop of Tab, whose value is spoken.
function strip(drawing, label, things) {
	const mark = svg("path", { class: "mark" });
	let current = 0;
	const attributes = { tabindex: 0, role: "slider", "aria-label": label, "aria-valuemin": 1, "aria-valuemax": things.length };
	for (const [key, value] of Object.entries(attributes)) drawing.setAttribute(key, value);
	drawing.append(mark);

	const announce = () => {
		drawing.setAttribute("aria-valuenow", current + 1);
		drawing.setAttribute("aria-valuetext", things.say(current));
	};
	const look = (i, x, y) => {
		current = i;
		mark.setAttribute("d", things.outline(i));
		announce();
		showTip(things.tell(i), x, y);
	};
	const lookAt = (i) => {
		const box = drawing.getBoundingClientRect();
		const [x, y] = things.center(i);
		look(i, box.left + x, box.top + y);
	};
	const leave = () => {
		mark.setAttribute("d", "");
		hideTip();
	};
	const under = (event) => {
		const box = drawing.getBoundingClientRect();
		return things.at(event.clientX - box.left, event.clientY - box.top);
	};
	announce();

	drawing.addEventListener("pointermove", (event) => {
		const i = under(event);
		drawing.classList.toggle("on", i >= 0);
		if (i >= 0) look(i, event.clientX, event.clientY);
		else leave();
	});
	drawing.addEventListener("pointerleave", leave);
	drawing.addEventListener("click", (event) => {
		const i = under(event);
		if (i >= 0) things.open(i);
	});
	drawing.addEventListener("focus", () => drawing.matches(":focus-visible") && lookAt(current));
	drawing.addEventListener("blur", leave);
	drawing.addEventListener("keydown", (event) => {
		const steps = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: 10, PageDown: -10, Home: -Infinity, End: Infinity };
		if (event.key in steps) lookAt(Math.min(things.length - 1, Math.max(0, current + steps[event.key])));
		else if (event.key === "Enter" || event.key === " ") things.open(current);
		else return;
		event.preventDefault();
	});
}

// What a tip says of a layer.
function tellLayer(layer) {
	return [
		el("strong", {}, el("bdi", {}, titleOf(layer))),
		el("span", { class: "quiet" }, `${layer.label}, ${hertz(layer.frequency)}`),
		el("span", {}, el("bdi", {}, layer.keywords.map(shown).join(", "))),
		el("span", { class: "quiet" }, `${size(layer.content)} of content, ${size(layer.padding)} of padding`),
		el("code", {}, layer.digest.slice(0, 16)),
	];
}
const sayLayer = (layer) =>
	`${titleOf(layer)}, ${layer.label}, ${hertz(layer.frequency)}, ${size(layer.content)} of content, ${size(layer.padding)} of padding. Keywords: ${layer.keywords.map(shown).join(", ")}. Digest ${layer.digest.slice(0, 12)}`;
