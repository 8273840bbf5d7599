// draw.js: elements of HTML and SVG, and the two ways in which rows of drawings come about.
// In: names, attributes, children. Out: elements; author's text goes in as text, never as markup.

function make(space, name, attributes, children) {
	const element = space ? document.createElementNS(space, name) : document.createElement(name);
	for (const [key, value] of Object.entries(attributes)) {
		if (value === null || value === undefined || value === false) continue;
		if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
		else element.setAttribute(key, value === true ? "" : value);
	}
	element.append(...children);
	return element;
}
const el = (name, attributes = {}, ...children) => make(null, name, attributes, children);
const svg = (name, attributes = {}, ...children) => make("http://www.w3.org/2000/svg", name, attributes, children);

const dimensionName = (dimension) => [el("span", { class: "id" }, dimension.label), " ", el("bdi", {}, shown(dimension.name))];
const layerLink = (layer, ...children) => el("a", { href: "#" + layer.label }, ...(children.length ? children : [el("bdi", {}, titleOf(layer))]));

// A bar of parts, [class, bytes] each, as wide as its bytes are of `whole`. Only decoration: numbers stand beside it.
function bar(parts, whole, className = "") {
	const drawing = svg("svg", { class: "bytes " + className, viewBox: "0 0 1000 10", preserveAspectRatio: "none", "aria-hidden": "true" });
	let x = 0;
	for (const [name, bytes] of parts) {
		const width = whole ? (1000 * bytes) / whole : 0;
		if (width > 0) drawing.append(svg("rect", { class: name, x: x.toFixed(2), y: 0, width: width.toFixed(2), height: 10 }));
		x += width;
	}
	return drawing;
}

// Drawings are made when they come into sight, the others when there is time, and all that are left before printing: Tab and
// screen readers find only what is there. They are made again when they get another width.
const waiting = new Map();
const drawn = new Map();
const inSight = new IntersectionObserver((entries) => {
	for (const entry of entries) if (entry.isIntersecting) drawNow(entry.target);
}, { rootMargin: "400px" });
const resized = new ResizeObserver((entries) => {
	for (const { target, contentRect } of entries) {
		if (!drawn.has(target) || Math.abs(drawn.get(target) - contentRect.width) < 1) continue;
		drawn.delete(target);
		inSight.unobserve(target);
		inSight.observe(target);
	}
});
function drawNow(host) {
	const width = host.clientWidth;
	if (width === 0 || drawn.get(host) === width) return;
	drawn.set(host, width);
	waiting.get(host)(width);
}
function drawLater(host, draw) {
	waiting.set(host, draw);
	inSight.observe(host);
	resized.observe(host);
}
const undrawn = () => [...waiting.keys()].filter((host) => !drawn.has(host));
addEventListener("beforeprint", () => undrawn().forEach(drawNow));
function drawWhenIdle() {
	const soon = window.requestIdleCallback ?? ((then) => setTimeout(then, 50));
	const [next] = undrawn();
	if (next) soon(() => (drawNow(next), drawWhenIdle()));
}
