// spectrum.js: frequencies on a logarithmic axis.
// In: the frequency of each layer, the band of each dimension. Out: a lane a dimension, an axis above them.

const LANE = 22, DOT = 7;

function axisOf() {
	let low = Infinity, high = 0;
	for (const dimension of dimensions) {
		for (const layer of dimension.layers) {
			low = Math.min(low, layer.frequency);
			high = Math.max(high, layer.frequency);
		}
		if (dimension.band && dimension.band[0] > 0) low = Math.min(low, dimension.band[0]);
		if (dimension.band) high = Math.max(high, dimension.band[1]);
	}
	if (!(low < Infinity)) [low, high] = [1, 10];
	if (low >= high) [low, high] = [low / 2, high * 2];
	const from = Math.log10(low), to = Math.log10(high);
	return { low, high, part: (frequency) => (Math.log10(Math.max(frequency, low)) - from) / (to - from) };
}

// 1, 2, 5 of each decade; the powers of ten alone where there are many decades.
function ticksOf({ low, high }) {
	const ticks = [], decades = Math.log10(high / low);
	for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power += Math.max(1, Math.round(decades / 12)))
		for (const step of decades > 5 ? [1] : [1, 2, 5]) {
			const tick = Number((step * 10 ** power).toPrecision(6));
			if (tick >= low * 0.999 && tick <= high * 1.001) ticks.push(tick);
		}
	return ticks;
}

function drawLane(host, dimension, ranked, axis, ticks, width) {
	const x = (frequency) => DOT + axis.part(frequency) * (width - 2 * DOT);
	const drawing = svg("svg", { class: "lane " + dimension.color, width, height: LANE, viewBox: `0 0 ${width} ${LANE}` });
	if (dimension.band)
		drawing.append(svg("rect", { class: "band", x: x(dimension.band[0]) - DOT / 2, y: 3, width: Math.max(DOT, x(dimension.band[1]) - x(dimension.band[0]) + DOT), height: LANE - 6, rx: 3 }));
	drawing.append(svg("path", { class: "ticks", d: ticks.map((tick) => `M${x(tick).toFixed(1)} 0v${LANE}`).join("") }));
	// Dots that would cover each other lie a little above and below the middle.
	const places = [];
	let last = -Infinity, stack = 0;
	for (const layer of ranked) {
		const at = x(layer.frequency);
		stack = at - last < DOT - 1 ? stack + 1 : 0;
		if (!stack) last = at;
		places.push([at, LANE / 2 + [0, -4, 4, -2, 2, -6, 6][stack % 7]]);
	}
	drawing.append(svg("path", { class: "dots", d: places.map(([at, y]) => `M${at.toFixed(1)} ${y}h0`).join("") }));
	strip(drawing, `Frequencies of ${dimension.label} ${shown(dimension.name)}` + (dimension.band ? `, band ${dimension.band[0]} to ${dimension.band[1]} Hz` : ""), {
		length: ranked.length,
		at(px, py) {
			let best = -1, nearest = 10 * 10;
			places.forEach(([at, y], i) => {
				const distance = (at - px) ** 2 + (y - py) ** 2;
				if (distance < nearest) [best, nearest] = [i, distance];
			});
			return best;
		},
		outline: (i) => `M${places[i][0]} ${places[i][1] - DOT / 2 - 1}a${DOT / 2 + 1} ${DOT / 2 + 1} 0 1 0 .01 0z`,
		center: (i) => places[i],
		tell: (i) => tellLayer(ranked[i]),
		say: (i) => sayLayer(ranked[i]),
		open: (i) => openLayer(ranked[i], drawing),
	});
	host.replaceChildren(drawing);
}

function drawAxis(host, axis, ticks, width) {
	const labels = [];
	let free = -Infinity;
	for (const tick of ticks) {
		const at = DOT + axis.part(tick) * (width - 2 * DOT);
		if (at < free) continue;
		const label = svg("text", { x: at.toFixed(1), y: 12, "text-anchor": at < 20 ? "start" : at > width - 20 ? "end" : "middle" }, String(tick));
		labels.push(label);
		free = at + 14 + String(tick).length * 7;
	}
	host.replaceChildren(svg("svg", { class: "axis", width, height: 16, viewBox: `0 0 ${width} 16`, "aria-hidden": "true" }, ...labels));
}

function showFrequencies() {
	const axis = axisOf(), ticks = ticksOf(axis), rows = byId("frequencies-rows");
	const head = el("div", { class: "drawing" });
	rows.append(el("div", { class: "row" }, el("span", { class: "quiet" }, "Hz"), head));
	drawLater(head, (width) => drawAxis(head, axis, ticks, width));
	for (const dimension of dimensions) {
		if (!dimension.layers.length) continue;
		const host = el("div", { class: "drawing lane-place" });
		const ranked = [...dimension.layers].sort((a, b) => a.frequency - b.frequency || a.position - b.position);
		const band = dimension.band ? `band ${dimension.band[0]}–${dimension.band[1]}` : "no band";
		rows.append(el("div", { class: "row " + dimension.color },
			el("h3", {}, ...dimensionName(dimension), el("span", { class: "quiet" }, band)), host));
		drawLater(host, (width) => drawLane(host, dimension, ranked, axis, ticks, width));
	}
}
