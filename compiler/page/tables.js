// tables.js: the largest layers, and bars beside the sizes of dimensions.
// In: sizes. Out: rows of a table; bars in the table that dimc wrote.

const LARGEST_STEP = 20;

function showLargest() {
	const ranked = [...layers].sort((a, b) => b.content - a.content || a.dimension.id - b.dimension.id || a.id - b.id);
	const widest = ranked.reduce((most, layer) => Math.max(most, layer.size), 1);
	const body = el("tbody");
	const more = byId("largest-more");
	const add = () => {
		const from = body.children.length;
		for (const layer of ranked.slice(from, from + LARGEST_STEP))
			body.append(el("tr", { class: layer.dimension.color },
				el("td", {}, el("span", { class: "id" }, layer.label)),
				el("th", { scope: "row" }, layerLink(layer)),
				el("td", { class: "n" }, size(layer.content)),
				el("td", { class: "n" }, size(layer.padding)),
				el("td", { class: "wide" }, bar([["layer", layer.content], ["padding", layer.padding]], widest))));
		more.hidden = body.children.length >= ranked.length;
	};
	const names = [["Layer", ""], ["Title", ""], ["Content", "n"], ["Padding", "n"]];
	byId("largest-table").append(el("table", {},
		el("thead", {}, el("tr", {}, ...names.map(([name, kind]) => el("th", { scope: "col", class: kind }, name)), el("td", { class: "wide" }))), body));
	more.addEventListener("click", add);
	add();
}

function showSizes() {
	const widest = Math.max(...dimensions.map((dimension) => dimension.file), 1);
	const rows = byId("sizes-rows").rows;
	dimensions.forEach((dimension, i) => {
		const content = dimension.layers.reduce((sum, layer) => sum + layer.content, 0);
		const metadata = dimension.header + dimension.metadataSize;
		const padding = dimension.total - metadata - content;
		rows[i].append(el("td", { class: "wide" }, bar([["metadata", metadata], ["layer", content], ["padding", padding], ["tail", dimension.file - dimension.total]], widest)));
	});
	const table = rows[0]?.closest("table");
	if (table) for (const part of [table.tHead, table.tFoot]) part.rows[0].append(el("td", { class: "wide" }));
}
