// regions.js: each region as its pages.
// In: sections, slots and sizes of each dimension. Out: a drawing a dimension, read like lines of text, left to right.

const ROW = 16, ROW_GAP = 3, MIN_CELL = 6, MAX_CELL = 96, MAX_ROWS = 14;

// The bytes of the file from 0 to its end: { kind, from, to, name, layer }, without a gap.
function piecesOf(dimension) {
	const pieces = [{ kind: "metadata", from: 0, to: dimension.header, name: "header" }];
	const end = dimension.metadataOffset + dimension.metadataSize;
	const directory = dimension.sections.length ? dimension.sections[0][1] : end;
	pieces.push({ kind: "metadata second", from: dimension.metadataOffset, to: directory, name: "section directory" });
	for (const [name, offset, bytes] of dimension.sections)
		if (bytes > 0) pieces.push({ kind: pieces.length % 2 ? "metadata second" : "metadata", from: offset, to: offset + bytes, name });
	for (const layer of dimension.layers)
		pieces.push({ kind: layer.position % 2 ? "layer other" : "layer", from: layer.offset, to: layer.offset + layer.content, slot: layer.offset + layer.size, layer });
	pieces.sort((a, b) => a.from - b.from);
	pieces.forEach((piece, i) => (piece.slot = i + 1 < pieces.length ? pieces[i + 1].from : dimension.total));
	if (dimension.file > dimension.total)
		pieces.push({ kind: "tail", from: dimension.total, to: dimension.file, slot: dimension.file, name: "tail, reserved and not in use" });
	return pieces;
}

// How many bytes a cell stands for, and how many cells a row has. A cell is a page, or 2, 4, 8 ... where there are too many.
function cellsOf(dimension, width, most) {
	const perRow = Math.max(1, Math.min(Math.floor(width / MIN_CELL), Math.max(most, Math.floor(width / MAX_CELL))));
	let unit = dimension.alignment;
	while (dimension.file / unit > perRow * MAX_ROWS) unit *= 2;
	return { unit, perRow, cell: Math.min(MAX_CELL, width / perRow) };
}

// The rectangles of bytes [from, to), one for each row that they touch.
function stretch(from, to, { unit, perRow, cell }) {
	const line = unit * perRow;
	let path = "";
	for (let row = Math.floor(from / line); row * line < to; row++) {
		const x = ((Math.max(from, row * line) - row * line) / unit) * cell;
		const end = ((Math.min(to, (row + 1) * line) - row * line) / unit) * cell;
		path += `M${x.toFixed(2)} ${row * (ROW + ROW_GAP)}H${end.toFixed(2)}v${ROW}H${x.toFixed(2)}z`;
	}
	return path;
}

function drawRegion(host, dimension, pieces, width, most) {
	const cells = cellsOf(dimension, width, most);
	const rows = Math.ceil(dimension.file / (cells.unit * cells.perRow));
	const height = rows * (ROW + ROW_GAP) - ROW_GAP;
	const drawing = svg("svg", { class: "region " + dimension.color, width, height, viewBox: `0 0 ${width} ${height}` });
	const paths = { padding: "", metadata: "", "metadata second": "", "metadata-rest": "", layer: "", "layer other": "", tail: "" };
	for (const piece of pieces) {
		paths[piece.kind] += stretch(piece.from, piece.to, cells);
		if (piece.slot > piece.to) paths[piece.layer ? "padding" : "metadata-rest"] += stretch(piece.to, piece.slot, cells);
	}
	for (const [name, d] of Object.entries(paths)) if (d) drawing.append(svg("path", { class: name, d }));

	let grid = "";
	for (let i = 1, last = Math.ceil(dimension.file / cells.unit); i < last; i++)
		if (i % cells.perRow) grid += `M${((i % cells.perRow) * cells.cell).toFixed(2)} ${Math.floor(i / cells.perRow) * (ROW + ROW_GAP)}v${ROW}`;
	drawing.append(svg("path", { class: "grid", d: grid }));

	const tellPiece = (piece) => [
		el("strong", {}, piece.name),
		el("span", { class: "quiet" }, `${dimension.label}, bytes ${piece.from.toLocaleString("en")} to ${piece.to.toLocaleString("en")}`),
		el("span", {}, size(piece.to - piece.from) + (piece.slot > piece.to ? `, then ${size(piece.slot - piece.to)} of padding` : "")),
	];
	strip(drawing, `Region of ${dimension.label} ${shown(dimension.name)}`, {
		length: pieces.length,
		at(x, y) {
			const row = Math.floor(y / (ROW + ROW_GAP)), byte = (row * cells.perRow + x / cells.cell) * cells.unit;
			if (x < 0 || x >= cells.perRow * cells.cell || row < 0 || byte >= dimension.file) return -1;
			let low = 0, high = pieces.length - 1;
			while (low < high) {
				const middle = (low + high + 1) >> 1;
				if (pieces[middle].from <= byte) low = middle;
				else high = middle - 1;
			}
			return low;
		},
		outline: (i) => stretch(pieces[i].from, pieces[i].slot, cells),
		center(i) {
			const at = pieces[i].from / cells.unit, row = Math.floor(at / cells.perRow);
			return [(at - row * cells.perRow) * cells.cell, row * (ROW + ROW_GAP) + ROW];
		},
		tell: (i) => (pieces[i].layer ? tellLayer(pieces[i].layer) : tellPiece(pieces[i])),
		say: (i) => (pieces[i].layer ? sayLayer(pieces[i].layer) : `${pieces[i].name}, ${size(pieces[i].to - pieces[i].from)}`),
		open: (i) => pieces[i].layer && openLayer(pieces[i].layer, drawing),
	});
	host.replaceChildren(drawing);
	return cells.unit;
}

function showRegions() {
	const alignments = new Set(dimensions.map((d) => d.alignment));
	byId("regions-lede").textContent =
		"Every file from its first byte to its last, in lines from left to right. A cell is a page" +
		(alignments.size === 1 ? ` of ${size([...alignments][0])}` : "") + "; what is pale is zero.";
	for (const dimension of dimensions) {
		// The same width for a page wherever pages are of the same size.
		const most = Math.max(...dimensions.filter((d) => d.alignment === dimension.alignment).map((d) => Math.ceil(d.file / d.alignment)));
		const host = el("div", { class: "drawing" });
		const note = el("span", { class: "quiet" });
		const pieces = piecesOf(dimension);
		byId("regions-rows").append(el("div", { class: "row " + dimension.color },
			el("h3", {}, ...dimensionName(dimension), note), host));
		// A place as high as the drawing will be, so that nothing jumps when it is made.
		const cells = cellsOf(dimension, Math.max(200, byId("main").clientWidth - 224), most);
		host.style.minHeight = Math.ceil(dimension.file / (cells.unit * cells.perRow)) * (ROW + ROW_GAP) - ROW_GAP + "px";
		drawLater(host, (width) => {
			const unit = drawRegion(host, dimension, pieces, width, most);
			host.style.minHeight = "";
			note.textContent = `${count(dimension.layers.length, "layer")}, ${size(dimension.file)}` +
				(unit > dimension.alignment || alignments.size > 1 ? `; a cell is ${size(unit)}` : "");
		});
	}
}
