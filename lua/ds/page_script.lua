-- page_script.lua: the script of an HTML page: sorts, filters and turns the pages of tables, leads from figures to rows and
-- from rows to passages, switches language and colours.  Texts of articles become text nodes only, never markup.
return [==[
"use strict";
(() => {
  const $ = (s, e = document) => e.querySelector(s), $$ = (s, e = document) => [...e.querySelectorAll(s)];
  const root = document.documentElement;
  const dictionary = JSON.parse($("#words").textContent);
  let lang = root.lang.startsWith("zh") ? "zh" : "en";
  const t = s => lang === "zh" && dictionary[s] || s;
  const make = (tag, attributes = {}, ...inside) => {
    const e = document.createElement(tag);
    for (const [k, v] of Object.entries(attributes)) if (v !== null) e.setAttribute(k, v);
    e.append(...inside);
    return e;
  };
  const group = s => {
    const [, sign, digits, rest] = /^(-?)(\d+)(.*)$/.exec(s) || [];
    return !digits || digits.length < 5 || rest.includes("e") ? s : sign + digits.replace(/\B(?=(\d{3})+$)/g, ",") + rest;
  };
  const later = (fn, ms) => { let id; return () => { clearTimeout(id); id = setTimeout(fn, ms); }; };
  const collator = new Intl.Collator(["zh", "en"], { numeric: true });
  root.classList.add("js");

  // ---------------------------------------------------------------- tables
  class Table {
    constructor(e) {
      Object.assign(this, { e, found: +e.dataset.found, only: null, text: "", at: 0, by: -1, down: false });
      this.buttons = $$("thead button", e);
      this.buttons.forEach((b, k) => b.addEventListener("click", () => this.sort(k)));
      this.box = $(".filter", e);
      if (this.box) this.box.addEventListener("input", later(() => this.filter(this.box.value), 80));
      if ($("table", e)) this.turner();
    }
    get data() {
      if (!this.d) {
        this.d = JSON.parse(document.getElementById(this.e.dataset.table + "-data").textContent);
        this.size = this.d.page;
        this.view = this.d.rows;
        this.extra = this.d.links.some(k => k >= this.d.seen);
      }
      return this.d;
    }
    cell(row, k) {
      const v = row[k], d = this.d;
      if (v === null) return "";
      return d.numbers[k] ? group(d.decimals[k] >= 0 && !Number.isInteger(v) || d.decimals[k] > 0 ? v.toFixed(d.decimals[k]) : String(v)) : v;
    }
    title(row) {
      const d = this.d, v = d.titled >= 0 ? row[d.columns.length] : null;
      return v === null ? "" : read().articles[read().passages[v][0]][0] || "";
    }
    date(row) {
      const v = row[this.d.columns.length];
      return typeof v === "number" && read().articles[read().passages[v][0]][1] || "";
    }
    matches(row, words) {
      const o = this.only;
      if (o && !((o.d ? this.date(row).startsWith(o.v) : o.c.some(k => String(row[k]) === o.v)) && o.w.every(([k, v]) => String(row[k]) === v))) return false;
      if (!words.length) return true;
      let s = this.title(row) + "\n";
      for (let k = 0; k < this.d.seen; k++) s += this.cell(row, k) + "\n";
      s = s.toLowerCase();
      return words.every(w => s.includes(w));
    }
    apply() {
      const d = this.data, words = this.text.toLowerCase().split(/\s+/).filter(w => w), k = this.by;
      this.view = this.only || words.length ? d.rows.filter(r => this.matches(r, words)) : d.rows.slice();
      if (k >= 0) {
        const order = d.numbers[k] ? (a, b) => a - b : collator.compare, turn = this.down ? -1 : 1;
        this.view.sort((a, b) => a[k] === null ? (b[k] === null ? 0 : 1) : b[k] === null ? -1 : turn * order(a[k], b[k]));
      }
      this.at = 0;
      this.draw();
    }
    sort(k) {
      const first = this.data.numbers[k] === 1;
      if (this.by !== k) { this.by = k; this.down = first; }
      else if (this.down === first) this.down = !first;
      else this.by = -1;
      this.buttons.forEach((b, i) => b.parentNode.setAttribute("aria-sort",
        i !== this.by ? "none" : this.down ? "descending" : "ascending"));
      this.apply();
    }
    filter(s) { this.text = s; this.apply(); }
    restrict(spec) {
      const index = name => this.data.columns.indexOf(name);
      this.only = spec && { d: spec.d, c: spec.c.map(index), v: String(spec.v), w: Object.entries(spec.w).map(([n, v]) => [index(n), String(v)]) };
      const chips = $(".chips", this.e);
      chips.replaceChildren();
      if (spec) {
        const said = [...Object.values(spec.w), spec.v].join(", ");
        const b = make("button", { type: "button", "aria-label": t("remove") + ": " + said }, make("bdi", {}, said), " ✕");
        b.addEventListener("click", () => { this.restrict(null); });
        chips.append(t("only") + " ", b);
      }
      this.apply();
    }
    link(row, i, k, inside) {
      const v = row[this.d.columns.length + i], title = k === this.d.titled && this.title(row);
      return make("a", { href: "#p" + [].concat(v)[0], "data-p": [].concat(v).join(" "), "aria-label": k >= this.d.seen ? t("passage") : null,
        title: title ? inside : null }, title ? make("bdi", {}, title) : inside);
    }
    draw() {
      const d = this.data, from = this.at, list = this.view.slice(from, from + this.size), at = {};
      d.links.forEach((k, i) => { if (!(k in at)) at[k] = i; });
      $("tbody", this.e).replaceChildren(...list.map(row => {
        const tr = make("tr");
        for (let k = 0; k < d.seen + (this.extra ? 1 : 0); k++) {
          const seen = k < d.seen, linked = k in at && row[d.columns.length + at[k]] !== null;
          const inside = seen ? this.cell(row, k) : linked ? "↗" : "", td = make("td", {}, linked ? this.link(row, at[k], k, inside) : inside);
          if (seen && d.numbers[k]) td.className = d.heat[k] && row[k] !== null ? "n h" : "n";
          else if (seen && d.flush[k]) td.className = "r";
          else if (seen && inside.length <= 10 && !(linked && k === d.titled)) td.className = "s";
          if (seen && d.heat[k] && row[k] !== null) td.style.setProperty("--v", (row[k] / d.heat[k] * 100).toFixed(1) + "%");
          tr.append(td);
        }
        return tr;
      }));
      if (!list.length) $("tbody", this.e).append(make("tr", {}, make("td", { colspan: d.seen + 1, class: "quiet" }, t("no row matches"))));
      this.say();
    }
    say() {
      const n = this.view.length, all = this.d.rows.length, last = Math.min(n, this.at + this.size);
      let s = n && this.at === 0 && last === n ? `${group(String(n))} ${t(n === 1 ? "row" : "rows")}` : n ? `${group(String(this.at + 1))}–${group(String(last))} ${t("of")} ${group(String(n))} ${t("rows")}` : t("no row matches");
      if (n < all) s += ` (${t("of")} ${group(String(all))} ${t("in this file")})`;
      if (all < this.found) s += `; ${group(String(this.found))} ${t("found")}`;
      $(".count", this.e).textContent = s;
      if (this.back) { this.back.disabled = this.at === 0; this.next.disabled = last >= n; }
    }
    turner() {
      const d = this.e, all = +d.dataset.rows, pager = $(".pager", d), page = +d.dataset.page;
      if (all <= page) return;
      const button = (name, by) => {
        const b = make("button", { type: "button" });
        b.dataset.en = name; b.dataset.zh = dictionary[name] || name; b.textContent = t(name);
        b.addEventListener("click", () => {
          this.at = Math.max(0, Math.min(this.at + by * (this.data, this.size), this.view.length - 1)); this.draw();
        });
        return b;
      };
      this.back = button("Previous", -1); this.next = button("Next", 1);
      this.back.disabled = true;
      const sizes = make("select", { "aria-label": t("rows a page") });
      for (const n of [page, 100, 500].filter((n, i) => i === 0 || n > page)) sizes.append(make("option", { value: n }, String(n)));
      sizes.addEventListener("change", () => { this.data; this.size = +sizes.value; this.at = 0; this.draw(); });
      const said = make("span", {}, t("rows a page"));
      said.dataset.en = "rows a page"; said.dataset.zh = dictionary["rows a page"];
      pager.append(this.back, this.next, make("label", {}, sizes, " ", said));
    }
  }
  const tables = new Map($$("[data-table]").map(e => [e.dataset.table, new Table(e)]));

  // ---------------------------------------------------------------- passages
  let sources = null;
  const read = () => sources || (sources = JSON.parse($("#sources").textContent));
  const reader = $("#reader");
  let sequence = [], place = 0;

  // The pieces of an article as text, the marks of a passage in it.
  function marked(piece, marks) {
    const out = [];
    let at = 0;
    for (const [from, to] of marks) {
      if (to <= at) continue;
      out.push(piece.slice(at, Math.max(at, from)), make("mark", {}, piece.slice(Math.max(at, from), to)));
      at = to;
    }
    return [...out, piece.slice(at)];
  }
  function marksOf(passage, piece) {
    const out = [];
    for (let i = 1; i < passage.length; i += 3) if (passage[i] === piece) out.push([passage[i + 1], passage[i + 2]]);
    return out.sort((a, b) => a[0] - b[0]);
  }
  const about = a => [a[2], a[1], a[3]].filter(s => s);

  function show() {
    const passage = read().passages[sequence[place]], a = passage && read().articles[passage[0]];
    if (!a) return;
    $("h2", reader).replaceChildren(make("bdi", {}, a[0] || t("untitled")));
    $(".meta", reader).replaceChildren(...about(a).map(s => make("bdi", {}, s)));
    $(".path", reader).textContent = a[4] || a[5];
    $(".kind", reader).textContent = a[8].length ? t(a[6] ? "The whole article" : "Excerpts around the passages")
      + (a[7] ? `; ${a[7]} ${t("further places of it are not in this file")}` : "") : t("The text of this article is not in this file.");
    const body = $(".body", reader);
    body.lang = a[9];
    body.replaceChildren(...a[8].map((piece, i) => make("p", {}, ...(a[6] ? [] : ["… "]), ...marked(piece, marksOf(passage, i)), ...(a[6] ? [] : [" …"]))));
    $(".where", reader).textContent = sequence.length > 1 ? `${place + 1} / ${sequence.length}` : "";
    $(".back", reader).disabled = place === 0;
    $(".next", reader).disabled = place >= sequence.length - 1;
    const first = $("mark", body);
    if (first) first.scrollIntoView({ block: "center" }); else body.scrollTop = 0;
  }
  function open(list, at) {
    sequence = list; place = at;
    if (!reader.open) reader.showModal();
    show();
  }
  function turn(by) {
    if (!by || place + by < 0 || place + by >= sequence.length) return;
    place += by;
    show();
  }
  $(".close", reader).addEventListener("click", () => reader.close());
  $(".back", reader).addEventListener("click", () => turn(-1));
  $(".next", reader).addEventListener("click", () => turn(1));
  document.addEventListener("keydown", e => { if (reader.open) turn(e.key === "ArrowLeft" ? -1 : e.key === "ArrowRight" ? 1 : 0); });
  reader.addEventListener("click", e => { if (e.target === reader) reader.close(); });

  // From a link to the passages that can be turned through: its own, or those of the links around it.
  function follow(a) {
    const own = a.dataset.p.split(" ").map(Number);
    if (own.length > 1) return open(own, 0);
    const box = a.closest("[data-table], .evidence"), cell = a.closest("td");
    const row = cell && [...cell.parentNode.children].indexOf(cell), table = box && tables.get(box.dataset.table);
    if (table && cell) {
      const d = table.data, i = d.links.indexOf(row), list = table.view.map(r => r[d.columns.length + i]).filter(v => typeof v === "number");
      return open(list, Math.max(0, list.indexOf(own[0])));
    }
    const list = box ? $$("a[data-p]", box).map(e => +e.dataset.p) : own;
    open(list, Math.max(0, list.indexOf(own[0])));
  }

  // ---------------------------------------------------------------- evidence
  // More passages, each as far as it stands in this file.
  for (const e of $$(".evidence")) {
    const data = $("script", e), button = $("button.more", e);
    if (!data || !button) continue;
    const rest = JSON.parse(data.textContent), list = $("ol", e);
    button.hidden = false;
    button.addEventListener("click", () => {
      for (const [number, where, note, plain] of rest.splice(0, 20)) {
        const passage = read().passages[number], a = passage && read().articles[passage[0]];
        const quote = make("blockquote", { lang: a ? a[9] : null });
        if (a) a[8].forEach((piece, i) => {
          const marks = marksOf(passage, i);
          if (!marks.length) return;
          const from = Math.max(0, marks[0][0] - 60), to = Math.min(piece.length, marks[marks.length - 1][1] + 60);
          quote.append(from > 0 ? "…" : "", ...marked(piece.slice(from, to), marks.map(([x, y]) => [x - from, y - from])), to < piece.length ? "…" : "");
        });
        if (!quote.firstChild) quote.append(plain || "");
        list.append(make("li", {}, quote, make("p", { class: "src" }, make("a", { href: "#p" + number, "data-p": number },
          make("bdi", {}, a && a[0] || where)), ...(a ? about(a).map(s => make("bdi", {}, s)) : []), make("span", { class: "path" }, where)),
          ...(note ? [make("p", { class: "note" }, note)] : [])));
      }
      $(".count", e).textContent = `${list.children.length} ${t("of")} ${e.dataset.found} ${t("passages")}`;
      if (!rest.length) button.hidden = true;
    });
  }

  // ---------------------------------------------------------------- links
  document.addEventListener("click", e => {
    const a = e.target.closest("a");
    if (!a) return;
    if (a.dataset.p) { e.preventDefault(); return follow(a); }
    if (!a.dataset.rows) return;
    const spec = JSON.parse(a.dataset.rows), table = tables.get(spec.t);
    if (!table) return;
    e.preventDefault();
    for (let d = table.e.closest("details"); d; d = d.parentNode.closest("details")) d.open = true;
    table.restrict(spec);
    table.e.closest("section").scrollIntoView();
    table.e.tabIndex = -1;
    table.e.focus({ preventScroll: true });
  });

  // ---------------------------------------------------------------- switches
  $("#language").addEventListener("click", () => {
    lang = lang === "zh" ? "en" : "zh";
    root.lang = lang === "zh" ? root.dataset.chinese : "en";
    for (const e of $$("[data-zh]")) {
      if (e.dataset.a) for (const name of e.dataset.a.split(" ")) e.setAttribute(name, e.dataset[lang]);
      else e.textContent = e.dataset[lang];
    }
    for (const table of tables.values()) if (table.d) table.draw();
  });
  const styles = ["auto", "light", "dark"];
  $("#style").addEventListener("click", () => {
    root.dataset.style = styles[(styles.indexOf(root.dataset.style) + 1) % 3];
  });
})();
]==]
