// search.js: layers by what is in them.
// In: words. Out: a list of links, best first: whole keywords, then titles, then parts of keywords, then the text.

const query = byId("query");
const FOUND_STEP = 30;
let found = [], terms = [], marks = [], pending = 0;

const fold = (text) => text.normalize("NFC").toLowerCase();

// Made once, when somebody searches.
function prepare(layer) {
	layer.folded ??= {
		title: fold(layer.title),
		keywords: layer.keywords.map(fold),
		text: layer.isText ? fold(layer.text) : "",
		label: fold(layer.label),
	};
	return layer.folded;
}

// 0 where the word is nowhere.
function weigh(layer, term) {
	const { title, keywords, text, label } = prepare(layer);
	return (keywords.includes(term) || label === term ? 8 : 0) + (title.includes(term) ? 4 : 0) +
		(keywords.some((word) => word.includes(term)) ? 2 : 0) + (text.includes(term) ? 1 : 0);
}

// A keyword of several words is looked for as a whole as well: "leap second" finds it before texts that have both.
function search(text) {
	const whole = fold(text.trim());
	terms = whole.split(/\s+/).filter(Boolean);
	marks = [whole, ...terms];
	if (!terms.length) return [];
	const results = [];
	for (const layer of layers) {
		let weight = prepare(layer).keywords.includes(whole) ? 16 : 0;
		for (const term of terms) {
			const one = weigh(layer, term);
			if (!one) {
				weight = -1;
				break;
			}
			weight += one;
		}
		if (weight > 0) results.push([weight, layer]);
	}
	return results.sort((a, b) => b[0] - a[0]).map(([, layer]) => layer);
}

// The text with the words that were looked for marked. Folding may change lengths: then nothing is marked.
function marked(text) {
	const folded = fold(text), parts = [];
	if (folded.length !== text.length) return [shown(text)];
	let at = 0;
	while (at < text.length) {
		let next = -1, length = 0;
		for (const term of marks) {
			const i = folded.indexOf(term, at);
			if (i >= 0 && (next < 0 || i < next || (i === next && term.length > length))) [next, length] = [i, term.length];
		}
		if (next < 0) break;
		parts.push(shown(text.slice(at, next)), el("mark", {}, shown(text.slice(next, next + length))));
		at = next + length;
	}
	parts.push(shown(text.slice(at)));
	return parts;
}

function snippet(layer) {
	const { text } = prepare(layer);
	const at = marks.map((term) => text.indexOf(term)).find((i) => i >= 0);
	if (at === undefined) return null;
	const from = Math.max(0, at - 60), part = layer.text.slice(from, at + 120).replace(/\s+/g, " ");
	return el("p", { class: "snippet" }, el("bdi", {}, from > 0 ? "… " : "", ...marked(part), " …"));
}

function addFound() {
	const list = byId("found-list"), from = list.children.length;
	for (const layer of found.slice(from, from + FOUND_STEP))
		list.append(el("li", { class: layer.dimension.color },
			el("span", { class: "id" }, layer.label),
			el("div", {}, layerLink(layer, el("bdi", {}, ...marked(layer.title || layer.keywords.join(", ")))),
				el("span", { class: "quiet" }, el("bdi", {}, ...marked(layer.keywords.join(", ")))), snippet(layer) ?? "")));
	byId("found-more").hidden = list.children.length >= found.length;
}

function showFound() {
	const text = query.value, section = byId("found");
	found = search(text);
	byId("found-list").replaceChildren();
	section.hidden = !terms.length;
	byId("found-count").textContent = terms.length
		? `${found.length} of ${count(layers.length, "layer")}` + (given.text === "full" ? "" : given.text === "none" ? ", by titles and keywords: the texts are not in this page" : "; of each text, its beginning was searched")
		: "";
	addFound();
}

function searchFor(text) {
	query.value = text;
	showFound();
	scrollTo({ top: 0 });
	query.focus();
}

function leaveSearch() {
	query.value = "";
	showFound();
}

function listenToSearch() {
	query.addEventListener("input", () => {
		clearTimeout(pending);
		pending = setTimeout(() => {
			showFound();
			scrollTo({ top: 0 });
		}, layers.length > 2000 ? 150 : 0);
	});
	query.addEventListener("keydown", (event) => {
		if (event.key === "Enter" || event.key === "ArrowDown") {
			byId("found-list").querySelector("a")?.focus();
			event.preventDefault();
		}
	});
	byId("found-more").addEventListener("click", addFound);
}
