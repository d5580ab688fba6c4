// Filters, groups and folds the findings. Without it the page shows all of them, grouped by their status.
"use strict";
(() => {
  const root = document.documentElement;
  const theme = document.getElementById("theme");
  const isDark = () => (root.dataset.theme || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
  const nameTheme = () => { theme.textContent = isDark() ? "Light" : "Dark"; };
  theme.hidden = false;
  nameTheme();
  theme.addEventListener("click", () => { root.dataset.theme = isDark() ? "light" : "dark"; nameTheme(); });

  const reveal = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (target instanceof HTMLDetailsElement) { target.open = true; target.scrollIntoView(); }
  };
  addEventListener("hashchange", reveal);
  reveal();

  let closed = [];
  addEventListener("beforeprint", () => {
    closed = [...document.querySelectorAll("details:not([open])")];
    for (const each of closed) each.open = true;
  });
  addEventListener("afterprint", () => { for (const each of closed) each.open = false; });

  const form = document.getElementById("filters");
  if (!form) return;
  const list = document.getElementById("list");
  const shown = document.getElementById("shown");
  const nothing = document.getElementById("nothing");
  const articles = [...list.querySelectorAll(".finding")];
  const byStatus = [...list.children].map((group) => [group, [...group.querySelectorAll(".finding")]]);
  const words = new Map();
  let groups = byStatus;

  const textOf = (article) => {
    if (!words.has(article)) words.set(article, article.textContent.toLowerCase().replace(/\s+/g, " "));
    return words.get(article);
  };
  const plural = (count) => `${count} finding${count === 1 ? "" : "s"}`;

  const filter = () => {
    const severities = [...form.querySelectorAll("[name=severity]:checked")].map((each) => each.value);
    const exact = ["status", "pillar", "issue", "path"].map((name) => [name, form.elements[name].value]).filter(([, value]) => value);
    const wanted = form.elements.text.value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    for (const article of articles) {
      const fits = (!severities.length || severities.includes(article.dataset.severity))
        && exact.every(([name, value]) => article.dataset[name] === value)
        && wanted.every((word) => textOf(article).includes(word));
      article.hidden = !fits;
      count += fits;
    }
    for (const [group, members] of groups) {
      const visible = members.filter((each) => !each.hidden).length;
      group.hidden = !visible;
      group.querySelector(".number-of").textContent = visible;
    }
    nothing.hidden = count > 0;
    shown.textContent = count === articles.length ? plural(count) : `${count} of ${plural(articles.length)}`;
  };

  const section = (title, members) => {
    const group = document.createElement("section");
    const heading = document.createElement("h3");
    const number = document.createElement("span");
    group.className = "group";
    number.className = "number-of";
    heading.append(`${title} `, number);
    group.append(heading, ...members);
    return [group, members];
  };

  const regroup = () => {
    const key = form.elements.group.value;
    if (key === "status") {
      groups = byStatus;
      for (const [group, members] of groups) group.append(...members);
    } else {
      const order = key === "severity"
        ? [...form.querySelectorAll("[name=severity]")].map((each) => [each.value, each.value])
        : [...form.elements[key].options].slice(1).map((each) => [each.value, each.textContent.replace(/ \(\d+\)$/, "")]);
      const members = new Map(order.map(([value]) => [value, []]));
      for (const article of articles) members.get(article.dataset[key]).push(article);
      groups = order.map(([value, title]) => section(title, members.get(value)));
    }
    list.replaceChildren(...groups.map(([group]) => group));
    filter();
  };

  form.hidden = false;
  form.addEventListener("input", (event) => { if (event.target.name === "group") regroup(); else filter(); });
  form.addEventListener("reset", () => setTimeout(regroup));
  form.addEventListener("submit", (event) => event.preventDefault());
  const fold = (open) => { for (const each of articles) if (!each.hidden) each.firstElementChild.open = open; };
  document.getElementById("unfold").addEventListener("click", () => fold(true));
  document.getElementById("fold").addEventListener("click", () => fold(false));
  for (const link of document.querySelectorAll("[data-filter]")) {
    link.addEventListener("click", () => {
      form.reset();
      form.elements[link.dataset.filter].value = link.dataset.value;
      setTimeout(filter);
    });
  }
  addEventListener("keydown", (event) => {
    if (event.key === "/" && !/^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName)) {
      event.preventDefault();
      form.elements.text.focus();
    }
  });
})();
