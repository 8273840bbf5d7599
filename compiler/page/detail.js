// detail.js: one layer, with all that is known of it, beside the page.
// In: a layer, by a click or by the address (#D01/3). Out: the panel; the focus is in it, and goes back when it closes.

const detail = byId("detail");
let openedFrom = null;

function hexDump(hex) {
	const lines = [];
	for (let at = 0; at < hex.length; at += 32) {
		const bytes = hex.slice(at, at + 32).match(/../g);
		const letters = bytes.map((byte) => (byte >= "20" && byte < "7f" ? String.fromCharCode(parseInt(byte, 16)) : "."));
		lines.push((at / 2).toString(16).padStart(4, "0") + "  " + bytes.join(" ").padEnd(48) + letters.join(""));
	}
	return lines.join("\n");
}

function contentOf(layer) {
	const rest = layer.content - layer.shown;
	const parts = [];
	if (layer.shown > 0) parts.push(el("pre", { class: layer.isText ? "content" : "content hex", dir: "auto", tabindex: 0, "aria-label": "Content" }, layer.isText ? shown(layer.text) : hexDump(layer.text)));
	if (!layer.isText) parts.unshift(el("p", { class: "note" }, "This content is not text."));
	if (rest > 0) parts.push(el("p", { class: "note" }, `${layer.shown ? "Here it ends" : "It is not in this page"}: ${size(rest)} ${layer.shown ? "more are" : "are"} in the region. `, el("code", {}, `dimc show ${layer.label}`), " prints it."));
	if (layer.content === 0) parts.push(el("p", { class: "note" }, "The content is empty."));
	return parts;
}

function neighbour(layer, step, name) {
	const other = layer.dimension.layers[layer.position + step];
	return other ? el("a", { href: "#" + other.label, class: "step", title: titleOf(other) }, name) : el("span", { class: "step quiet" }, name);
}

function fillDetail(layer) {
	const fact = (name, ...value) => [el("dt", {}, name), el("dd", {}, ...value)];
	detail.className = layer.dimension.color;
	detail.replaceChildren(
		el("div", { class: "tools" }, neighbour(layer, -1, "← Previous"), neighbour(layer, 1, "Next →"),
			el("button", { type: "button", id: "close", onclick: closeLayer }, "Close")),
		el("p", { class: "where" }, ...dimensionName(layer.dimension), `, layer ${layer.id}`),
		el("h2", { id: "detail-title", tabindex: -1 }, el("bdi", {}, titleOf(layer))),
		el("ul", { class: "words", "aria-label": "Keywords" }, ...layer.keywords.map((word) => wordButton(word))),
		el("dl", {},
			...fact("Frequency", hertz(layer.frequency)),
			...fact("Content", `${size(layer.content)} (${layer.content.toLocaleString("en")} bytes)`),
			...fact("Padding", `${size(layer.padding)}, ${percent(layer.padding, layer.size)} of its slot`),
			...fact("Slot", `${size(layer.size)} from byte ${layer.offset.toLocaleString("en")}`),
			...fact("SHA-256", el("code", { class: "whole" }, layer.digest))),
		bar([["layer", layer.content], ["padding", layer.padding]], layer.size, "slot"),
		...contentOf(layer));
	detail.hidden = false;
	detail.scrollTop = 0;
	document.body.classList.add("open");
}

function openLayer(layer, from) {
	openedFrom = from;
	if (location.hash === "#" + layer.label) followAddress();
	else location.hash = layer.label;
}

function closeLayer() {
	if (detail.hidden) return;
	detail.hidden = true;
	document.body.classList.remove("open");
	history.replaceState(null, "", location.pathname + location.search);
	if (openedFrom?.isConnected) openedFrom.focus({ preventScroll: true });
	openedFrom = null;
}

function followAddress() {
	const layer = findLayer(location.hash.slice(1));
	if (!layer) return;
	if (detail.hidden && !openedFrom) openedFrom = document.activeElement;
	hideTip();
	fillDetail(layer);
	byId("detail-title").focus({ preventScroll: true });
}
addEventListener("hashchange", followAddress);
