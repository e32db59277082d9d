/* The page around the picture: search, filters, a thing's path, zoom, and all of it by keyboard. */
"use strict";

const topology = JSON.parse(document.getElementById("topology").textContent);
const $ = (id) => document.getElementById(id);
const view = $("view");
const everything = [...topology.services, ...topology.clients, ...topology.balancers];
const CALLS = new Set(["connected", "held", "disconnecting"]);

let opened = new Set();
let chosen = "";
let picture = null;
let scale = 0;
/* Below this the smaller letters are under 9 pixels: who has a narrow window scrolls. */
const READABLE = 0.8;

const kindOf = (id) =>
  topology.services.some((it) => it.id === id) ? "service"
    : topology.clients.some((it) => it.id === id) ? "client"
      : topology.balancers.some((it) => it.id === id) ? "balancer"
        : topology.networks.some((it) => it.id === id) ? "network" : "account";
const nameOf = (it) => it.name || it.vpc || it.id;
const thing = (id) => [...everything, ...topology.networks].find((it) => it.id === id);
const callers = (service) => topology.clients.filter((it) => service.networks.includes(it.network) && CALLS.has(it.state));
const callables = (client) =>
  CALLS.has(client.state) ? topology.services.filter((it) => it.domain && it.networks.includes(client.network)) : [];

/* The ids that belong to the path of a thing: who may call it, through what, and what is behind it. */
function pathOf(id) {
  const it = thing(id);
  if (!it) return new Set([id]);
  if (kindOf(id) === "balancer") return new Set([...pathOf(it.service), id]);
  if (kindOf(id) === "service")
    return new Set([id, ...it.networks, ...callers(it).map((one) => one.id),
      ...topology.balancers.filter((one) => one.service === id).map((one) => one.id)]);
  if (kindOf(id) === "client") {
    const reached = callables(it).map((one) => one.id);
    return new Set([id, it.network, ...reached,
      ...topology.balancers.filter((one) => reached.includes(one.service)).map((one) => one.id)]);
  }
  return new Set([id, ...topology.clients.filter((one) => one.network === id).map((one) => one.id),
    ...topology.services.filter((one) => one.networks.includes(id)).map((one) => one.id)]);
}

function filtered() {
  const account = $("account").value;
  const states = new Set([...document.querySelectorAll("#states input:checked")].map((box) => box.value));
  return (it) => (!account || it.account === account) && states.has(it.state);
}

function draw() {
  const shown = filtered();
  picture = Picture.drawn(topology, shown, opened);
  const any = everything.some(shown) || topology.networks.length;
  view.innerHTML = any ? picture.svg : "";
  $("empty").hidden = Boolean(any);
  view.hidden = !any;
  zoom(scale || fitting());
  mark();
  list();
}

function fitting() {
  const room = view.clientWidth || view.parentElement.clientWidth;
  return Math.min(1, Math.max(READABLE, (room - 20) / picture.width));
}

function zoom(to) {
  scale = Math.min(2.5, Math.max(0.2, to));
  const svg = view.querySelector("svg");
  if (svg) {
    svg.setAttribute("width", picture.width * scale);
    svg.setAttribute("height", picture.height * scale);
  }
}

function mark() {
  view.classList.toggle("chosen", Boolean(chosen));
  const path = chosen ? pathOf(chosen) : new Set();
  const on = new Set();
  for (const node of view.querySelectorAll(".node")) {
    const it = picture.graph.nodes.get(node.dataset.id);
    const belongs = it.members.some((one) => path.has(one));
    node.classList.toggle("on", belongs);
    node.classList.toggle("selected", it.members.includes(chosen));
    node.setAttribute("aria-pressed", String(it.members.includes(chosen)));
    if (belongs) on.add(it.id);
  }
  for (const edge of view.querySelectorAll(".edge"))
    edge.classList.toggle("on", on.has(edge.dataset.from) && on.has(edge.dataset.to));
  detail();
}

function choose(id, { scroll = false, focus = false } = {}) {
  const it = thing(id);
  if (it && it.account && kindOf(id) !== "network" && !picture.graph.nodes.has(id)) {
    opened.add(it.account);
    chosen = id;
    draw();
  }
  chosen = id;
  mark();
  list();
  const node = [...view.querySelectorAll(".node")].find((one) => picture.graph.nodes.get(one.dataset.id).members.includes(id));
  if (node && scroll) node.scrollIntoView({ block: "center", inline: "nearest" });
  if (node && focus) node.focus({ preventScroll: true });
}

function clear() {
  chosen = "";
  mark();
}

function element(name, text, more = {}) {
  const made = Object.assign(document.createElement(name), more);
  if (text !== undefined) made.textContent = text;
  return made;
}

function links(title, things) {
  const box = document.createDocumentFragment();
  box.append(element("h3", `${title} (${things.length})`));
  const rows = element("ul");
  for (const it of things.slice(0, 30)) {
    const row = element("li");
    const button = element("button", nameOf(it), { type: "button" });
    button.addEventListener("click", () => choose(it.id, { scroll: true }));
    row.append(button, element("small", ` ${it.account}`));
    rows.append(row);
  }
  if (things.length > 30) rows.append(element("li", `and ${things.length - 30} more`));
  box.append(rows);
  return box;
}

function detail() {
  const box = $("detail");
  box.replaceChildren();
  const it = chosen && thing(chosen);
  if (!it) return;
  const kind = kindOf(chosen);
  box.append(element("h2", nameOf(it)));
  const rows = element("dl");
  const row = (name, value) => value && rows.append(element("dt", name), element("dd", value));
  row("what", { client: "VPC that calls", balancer: "load balancer" }[kind] || kind);
  row("account", it.account);
  row("state", it.state && `${Picture.MARK[it.state] || ""} ${it.state}`);
  row("code", it.code);
  row("domain", it.domain);
  row("VPC", it.vpc);
  row("auth", it.auth);
  const network = topology.networks.filter((one) => (it.networks || [it.network]).includes(one.id)).map((one) => one.name);
  row("network", network.join(", "));
  box.append(rows);
  if (it.message) box.append(element("p", it.message, { className: "message" }));
  if (kind === "service") box.append(links("May be called from", callers(it)));
  if (kind === "client") box.append(links("May call", callables(it)));
  const unread = topology.unread.find((one) => one.account === it.account);
  if (unread) box.append(element("p", `Its tags were not read: ${unread.why}`, { className: "unread" }));
}

function list() {
  const words = $("search").value.toLowerCase().split(/\s+/).filter(Boolean);
  const shown = filtered();
  const text = (it) => [it.name, it.vpc, it.domain, it.account, it.code, it.state].filter(Boolean).join(" ").toLowerCase();
  // Before anything is looked for: what is not well, the worst first.
  const ill = (it) => it.state !== "connected";
  const all = everything.filter((it) => shown(it) && (words.length ? words.every((word) => text(it).includes(word)) : ill(it)));
  if (!words.length) all.sort((a, b) => Picture.WORST.indexOf(a.state) - Picture.WORST.indexOf(b.state));
  const found = all.slice(0, 50);
  $("found").replaceChildren(...found.map((it) => {
    const row = element("li");
    const button = element("button", `${Picture.MARK[it.state] || ""} ${nameOf(it)} `, { type: "button" });
    button.dataset.id = it.id;
    button.append(element("small", words.length || !it.code ? it.account : `${it.account} · ${it.code}`));
    button.addEventListener("click", () => choose(it.id, { scroll: true, focus: true }));
    row.append(button);
    return row;
  }));
  const cut = all.length > found.length ? `, the first ${found.length} are` : "";
  $("told").textContent = words.length ? `${all.length} found${cut && `${cut} shown`}`
    : all.length ? `${all.length} not connected${cut && `${cut} shown`}` : "";
}

function begin() {
  const accounts = [...new Set(everything.map((it) => it.account))].sort();
  $("account").append(...accounts.map((it) => element("option", it, { value: it })));
  const counts = new Map();
  for (const it of everything) counts.set(it.state, (counts.get(it.state) || 0) + 1);
  for (const [state, count] of [...counts].sort()) {
    const label = element("label");
    label.append(element("input", undefined, { type: "checkbox", value: state, checked: true }), `${Picture.MARK[state] || ""} ${state} ${count}`);
    $("states").append(label);
  }
  for (const box of [$("account"), $("states")]) box.addEventListener("change", () => { scale = 0; draw(); });
  $("search").addEventListener("input", list);
  $("search").addEventListener("keydown", (event) => {
    const first = $("found").querySelector("button");
    if (event.key === "ArrowDown" && first) { event.preventDefault(); first.focus(); }
    if (event.key === "Enter" && first) first.click();
  });
  $("found").addEventListener("keydown", (event) => {
    const row = document.activeElement.closest("li");
    const next = { ArrowDown: row?.nextElementSibling, ArrowUp: row?.previousElementSibling }[event.key];
    if (next) { event.preventDefault(); next.querySelector("button").focus(); }
    else if (event.key === "ArrowUp") $("search").focus();
  });
  const pressed = (node) => {
    const it = picture.graph.nodes.get(node.dataset.id);
    if (it.kind === "account") {
      opened.add(it.account);
      draw();
      choose(it.members[0], { scroll: true, focus: true });
    } else if (chosen === it.id) clear();
    else choose(it.id);
  };
  view.addEventListener("click", (event) => {
    const node = event.target.closest(".node");
    if (node) pressed(node); else clear();
  });
  view.addEventListener("keydown", (event) => {
    const node = event.target.closest(".node");
    if (node && (event.key === "Enter" || event.key === " ")) { event.preventDefault(); pressed(node); }
  });
  document.addEventListener("keydown", (event) => {
    const typing = ["INPUT", "SELECT"].includes(document.activeElement.tagName) && document.activeElement.type !== "checkbox";
    if (event.key === "Escape") { clear(); opened = new Set(); draw(); }
    if (typing || event.ctrlKey || event.metaKey) return;
    if (event.key === "/") { event.preventDefault(); $("search").focus(); }
    if (event.key === "+") zoom(scale * 1.2);
    if (event.key === "-") zoom(scale / 1.2);
    if (event.key === "0") zoom(fitting());
  });
  $("in").addEventListener("click", () => zoom(scale * 1.2));
  $("out").addEventListener("click", () => zoom(scale / 1.2));
  $("fit").addEventListener("click", () => zoom(fitting()));
  $("theme").addEventListener("click", () => {
    const dark = matchMedia("(prefers-color-scheme: dark)").matches;
    const now = document.documentElement.dataset.theme || (dark ? "dark" : "light");
    document.documentElement.dataset.theme = now === "dark" ? "light" : "dark";
  });
  draw();
}

begin();
