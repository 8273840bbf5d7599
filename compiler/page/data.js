// data.js: the facts that dimc wrote into the page, as objects; and how numbers and texts are shown.
// In: the JSON of #data (compiler/page_data.c). Out: `dimensions`, `layers`; functions that format.

const byId = (id) => document.getElementById(id);
const given = JSON.parse(byId("data").textContent);

const dimensions = given.dimensions;
const layers = [];
for (const dimension of dimensions) {
	dimension.label = "D" + String(dimension.id).padStart(2, "0");
	dimension.color = "c" + ((dimension.id - 1) % 14);
	dimension.layers = dimension.layers.map((row, position) => {
		const layer = { dimension, position };
		given.columns.forEach((column, i) => (layer[column] = row[i]));
		layer.label = dimension.label + "/" + layer.id;
		layer.padding = layer.size - layer.content;
		layers.push(layer);
		return layer;
	});
}

function findLayer(label) {
	const [, dimension, id] = /^D0*(\d+)\/(\d+)$/.exec(label) ?? [];
	return layers.find((layer) => layer.dimension.id === Number(dimension) && layer.id === Number(id));
}

// As dimc prints sizes elsewhere: one digit, and of two that are as near the even one.
function size(bytes) {
	const units = ["B", "KiB", "MiB", "GiB", "TiB"];
	let unit = 0;
	for (; bytes >= 1023.95 && unit < units.length - 1; unit++) bytes /= 1024;
	let tenths = Math.round(bytes * 10);
	if (tenths - bytes * 10 === 0.5 && tenths % 2) tenths--;
	return (unit ? (tenths / 10).toFixed(1) : bytes) + "\u00a0" + units[unit];
}

const count = (number, noun) => `${number.toLocaleString("en")} ${noun}${number === 1 ? "" : "s"}`;
const percent = (part, whole) => (whole ? (100 * part) / whole : 0).toFixed(1) + "%";
const hertz = (frequency) => `${frequency}\u00a0Hz`;

// What is invisible, or turns the direction of writing, is spelled out: nobody shall be led astray by a title.
const shown = (text) =>
	text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g, (c) =>
		`<U+${c.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}>`);

// A layer without a title is called by its first keywords.
const titleOf = (layer) => shown(layer.title || layer.keywords.slice(0, 3).join(", ")).replace(/\s+/g, " ");
