// spectrum.js: frequencies on a logarithmic axis.
// In: the frequency of each layer, the band of each dimension. Out: a lane a dimension, an axis above them.

const EDGE = 7; // so that the outermost dots are whole

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

// Where there are many layers, dots are smaller and lanes higher.
const measuresOf = (number) => (number <= 100 ? { lane: 22, dot: 7 } : { lane: 46, dot: 3 });

// Dots that would cover each other are put above and below the middle by turns, as far as the lane goes.
function swarm(ascending, lane, dot) {
	const levels = Math.floor((lane - 8) / dot / 2), places = [];
	let first = -Infinity, stacked = 0;
	for (const at of ascending) {
		stacked = at - first < dot * 0.8 ? stacked + 1 : 0;
		if (!stacked) first = at;
		const level = Math.ceil(stacked / 2) % (levels + 1);
		places.push([at, lane / 2 + (stacked % 2 ? -level : level) * dot]);
	}
	return places;
}

function drawLane(host, dimension, ranked, axis, ticks, width) {
	const x = (frequency) => EDGE + axis.part(frequency) * (width - 2 * EDGE);
	const { lane, dot } = measuresOf(ranked.length);
	const drawing = svg("svg", { class: "lane " + dimension.color, width, height: lane, viewBox: `0 0 ${width} ${lane}` });
	if (dimension.band)
		drawing.append(svg("rect", { class: "band", x: x(dimension.band[0]) - EDGE / 2, y: 3, width: x(dimension.band[1]) - x(dimension.band[0]) + EDGE, height: lane - 6, rx: 3 }));
	drawing.append(svg("path", { class: "ticks", d: ticks.map((tick) => `M${x(tick).toFixed(1)} 0v${lane}`).join("") }));
	const places = swarm(ranked.map((layer) => x(layer.frequency)), lane, dot);
	drawing.append(svg("path", { class: "dots", "stroke-width": dot, d: places.map(([at, y]) => `M${at.toFixed(1)} ${y}h0`).join("") }));
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
		outline: (i) => `M${places[i][0]} ${places[i][1] - dot / 2 - 1}a${dot / 2 + 1} ${dot / 2 + 1} 0 1 0 .01 0z`,
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
		const at = EDGE + axis.part(tick) * (width - 2 * EDGE);
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
		const host = el("div", { class: "drawing" });
		const ranked = [...dimension.layers].sort((a, b) => a.frequency - b.frequency || a.position - b.position);
		const band = dimension.band ? `${dimension.band[0]}–${dimension.band[1]}` : "no band";
		rows.append(el("div", { class: "row " + dimension.color },
			el("h3", {}, ...dimensionName(dimension), el("span", { class: "quiet" }, band)), host));
		host.style.minHeight = measuresOf(ranked.length).lane + "px";
		drawLater(host, (width) => drawLane(host, dimension, ranked, axis, ticks, width));
	}
}
