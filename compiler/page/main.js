// main.js: brings the parts of the page that need a script to life.
// In: everything above. Out: the page.

function showTheme() {
	const root = document.documentElement, button = byId("theme");
	const isDark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
	button.textContent = isDark ? "Light" : "Dark";
	button.setAttribute("aria-label", isDark ? "Use light colors" : "Use dark colors");
	return isDark;
}
byId("theme").addEventListener("click", () => {
	document.documentElement.dataset.theme = showTheme() ? "light" : "dark";
	showTheme();
});
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", showTheme);

document.addEventListener("keydown", (event) => {
	if (event.ctrlKey || event.metaKey || event.altKey) return;
	if (event.key === "/" && !event.target.closest("input")) {
		event.preventDefault();
		query.focus();
		query.select();
	} else if (event.key === "Escape") {
		if (event.target === query || (detail.hidden && query.value)) leaveSearch();
		else closeLayer();
		hideTip();
	}
});
addEventListener("scroll", hideTip, { passive: true });

for (const element of document.querySelectorAll(".script")) element.hidden = false;
document.body.classList.add("scripted");
showTheme();
showRegions();
showFrequencies();
showMatrix();
showLargest();
showSizes();
listenToSearch();
drawWhenIdle();
followAddress();
