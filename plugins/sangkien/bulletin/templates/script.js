"use strict";
// "Find your unit": the name, or a part of it, with or without marks, opens the unit's page. Without this script the
// ranking's links lead there too.
const find = document.getElementById("find");
if (find) {
  const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").replace(/đ/gi, "d").toLowerCase().trim();
  const units = [...document.querySelectorAll("#ranking tbody th a")].map((a) => [plain(a.title), a]);
  find.hidden = false;
  find.addEventListener("submit", (event) => {
    event.preventDefault();
    const asked = plain(find.elements.unit.value);
    const found = asked ? units.filter(([name]) => name.includes(asked)) : [];
    const exact = found.filter(([name]) => name === asked);
    const said = find.querySelector("output");
    if (found.length === 1 || exact.length === 1) {
      location.assign((exact[0] || found[0])[1].href);
      return;
    }
    said.replaceChildren(found.length ? said.dataset.many : said.dataset.none);
    for (const [, a] of found.slice(0, 12)) said.append(" · ", a.cloneNode(true));
  });
}
