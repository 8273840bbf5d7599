// matrix.js: which keywords dimensions share.
// In: the keywords of each layer. Out: a triangle of numbers, and the words behind the number that is chosen.

const MATRIX_MOST = 40; // dimensions; more fit no screen

// Every keyword with the dimensions that have it.
const holders = new Map();
for (const { keywords, dimension } of layers)
	for (const word of keywords) {
		if (!holders.has(word)) holders.set(word, new Set());
		holders.get(word).add(dimension);
	}
const wordsOf = (a, b) => [...holders].filter(([, held]) => held.has(a) && held.has(b)).map(([word]) => word).sort();

function wordButton(word, note) {
	return el("li", {}, el("button", { type: "button", class: "word", onclick: () => searchFor(word) }, el("bdi", {}, shown(word)), note ? el("span", { class: "quiet" }, " " + note) : ""));
}

function showWords(title, entries) {
	byId("words").replaceChildren(el("h3", {}, title), entries.length ? el("ul", { class: "words" }, ...entries) : el("p", { class: "quiet" }, "None."));
}

function showCommonWords() {
	const shared = [...holders].filter(([, held]) => held.size > 1).sort((a, b) => b[1].size - a[1].size || (a[0] < b[0] ? -1 : 1));
	showWords("In most dimensions", shared.slice(0, 30).map(([word, held]) => wordButton(word, `in ${held.size}`)));
}

// One stop of Tab; the arrow keys go from number to number.
function walkCells(table) {
	const cells = [...table.querySelectorAll("tbody tr")].map((row) => [...row.querySelectorAll("td")].map((cell) => cell.firstElementChild));
	const first = cells.flat().find(Boolean);
	if (first) first.tabIndex = 0;
	table.addEventListener("keydown", (event) => {
		const [down, right] = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key] ?? [0, 0];
		if (!down && !right) return;
		event.preventDefault();
		let row = cells.findIndex((line) => line.includes(event.target)), column = cells[row].indexOf(event.target);
		do {
			row += down;
			column += right;
		} while (cells[row] && column in cells[row] && !cells[row][column]);
		const next = cells[row]?.[column];
		if (!next) return;
		event.target.tabIndex = -1;
		next.tabIndex = 0;
		next.focus();
	});
}

function showMatrix() {
	const shownOnes = dimensions.slice(0, MATRIX_MOST);
	const place = new Map(shownOnes.map((dimension, i) => [dimension, i]));
	const counts = shownOnes.map(() => shownOnes.map(() => 0));
	for (const held of holders.values()) {
		const places = [...held].map((dimension) => place.get(dimension)).filter((i) => i !== undefined);
		for (const a of places) for (const b of places) counts[a][b]++;
	}
	let most = 1;
	counts.forEach((line, a) => line.forEach((number, b) => a !== b && (most = Math.max(most, number))));

	const table = el("table", { class: "matrix" }, el("caption", { class: "unseen" }, "Keywords that two dimensions share"));
	const body = el("tbody");
	shownOnes.forEach((row, a) => {
		const line = el("tr", { class: row.color }, el("th", { scope: "row" }, ...dimensionName(row)));
		shownOnes.slice(0, a + 1).forEach((column, b) => {
			const number = counts[a][b], own = a === b;
			const label = own ? `${row.label} has ${count(number, "keyword")}` : `${row.label} and ${column.label} share ${count(number, "keyword")}`;
			const button = number && el("button", { type: "button", tabindex: -1, class: own ? "own" : "shared", "aria-label": label, title: label }, String(number));
			if (button && !own) button.style.setProperty("--share", `${Math.round(8 + (42 * number) / most)}%`);
			if (button) button.addEventListener("click", () => {
				for (const other of body.querySelectorAll("[aria-pressed]")) other.removeAttribute("aria-pressed");
				button.setAttribute("aria-pressed", "true");
				showWords(own ? `Keywords of ${row.label} ${shown(row.name)}` : `Shared by ${column.label} ${shown(column.name)} and ${row.label} ${shown(row.name)}`,
					wordsOf(row, column).map((word) => wordButton(word)));
			});
			line.append(el("td", {}, button || "·"));
		});
		body.append(line);
	});
	const foot = el("tr", {}, el("td", {}), ...shownOnes.map((dimension) => el("th", { scope: "col", title: shown(dimension.name) }, el("span", { class: "letter" }, "D"), dimension.label.slice(1))));
	table.append(body, el("tfoot", {}, foot));
	walkCells(table);
	byId("matrix").append(table);
	if (dimensions.length > MATRIX_MOST)
		byId("matrix").append(el("p", { class: "note" }, `The first ${MATRIX_MOST} of ${dimensions.length} dimensions.`));
	showCommonWords();
}
