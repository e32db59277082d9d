/* The picture of a topology: what is shown as nodes and edges, laid out by dagre, drawn as SVG text.
   The page and `onramp topology --svg` use it alike, so it touches no document. */
"use strict";

const Picture = (() => {
  const SIZE = {
    client: [210, 46],
    network: [270, 46],
    service: [290, 46],
    balancer: [220, 46],
    account: [260, 46],
  };
  const MANY = 60; // more services or clients than this are shown by account until one is opened
  const TALL = 740; // more than a window shows at once
  const MARK = {
    connected: "✓",
    connecting: "…",
    disconnecting: "…",
    waiting: "◷",
    held: "‖",
    kept: "‖",
    refused: "✗",
    failed: "✗",
    unreachable: "!",
  };
  const WORST = ["failed", "unreachable", "refused", "held", "kept", "waiting", "disconnecting", "connecting", "connected"];

  const escaped = (text) =>
    String(text).replace(/[&<>"']/g, (one) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" })[one]);
  const cut = (text, room) => (text.length > room ? text.slice(0, room - 1) + "…" : text);
  const worst = (states) => WORST.find((state) => states.includes(state)) || "connected";

  /* What is shown: {nodes: Map id -> node, edges: [[from, to]]}. `opened` are accounts whose things stand one by one. */
  function graphOf(topology, shown = () => true, opened = new Set()) {
    const nodes = new Map();
    const edges = new Map();
    const join = (from, to) => edges.set(`${from}\n${to}`, [from, to]);
    const add = (id, kind, title, sub, state, members) => nodes.set(id, { id, kind, title, sub, state, members });
    // What is not well comes first, as `onramp status` has it; else in the order that was given.
    const services = topology.services.filter(shown).sort((a, b) => WORST.indexOf(a.state) - WORST.indexOf(b.state));
    const clients = topology.clients.filter(shown).sort((a, b) => WORST.indexOf(a.state) - WORST.indexOf(b.state));
    const names = new Map(topology.networks.map((it) => [it.id, it.name]));
    for (const it of topology.networks) {
      const auth = it.auth === "AWS_IAM" ? "policy decides who calls" : it.auth === "NONE" ? "no authorisation" : "network";
      add(it.id, "network", it.name, `${it.account} · ${auth}`, "", [it.id]);
    }
    const place = (things, kind, group, title, sub) => {
      const grouped = things.length > MANY;
      const where = new Map();
      const accounts = new Map();
      for (const it of things) {
        if (!grouped || opened.has(it.account)) {
          add(it.id, kind, title(it), sub(it), it.state, [it.id]);
          where.set(it.id, it.id);
        } else {
          if (!accounts.has(it.account)) accounts.set(it.account, []);
          accounts.get(it.account).push(it);
          where.set(it.id, `${group}:${it.account}`);
        }
      }
      for (const [account, its] of accounts) {
        const states = its.map((it) => it.state);
        const bad = states.filter((state) => state !== "connected").length;
        const word = kind === "service" ? "service" : "VPC";
        const count = `${its.length} ${word}${its.length === 1 ? "" : "s"}${bad ? `, ${bad} not connected` : ""}`;
        add(`${group}:${account}`, "account", account, count, worst(states), its.map((it) => it.id));
        nodes.get(`${group}:${account}`).account = account;
      }
      return where;
    };
    const placedClients = place(
      clients, "client", "clients", (it) => it.name || it.vpc, (it) => `${it.account}${it.name ? ` · ${it.vpc}` : ""}`);
    const placedServices = place(services, "service", "services", (it) => it.name, (it) => it.account);
    for (const it of clients) if (names.has(it.network)) join(placedClients.get(it.id), it.network);
    for (const it of services)
      for (const network of it.networks) if (names.has(network)) join(network, placedServices.get(it.id));
    for (const it of topology.balancers) {
      const service = placedServices.get(it.service);
      if (service === it.service && shown(it)) {
        add(it.id, "balancer", it.name, it.account, it.state, [it.id]);
        join(service, it.id);
      }
    }
    return { nodes, edges: [...edges.values()] };
  }

  function laidOut(graph) {
    const g = new dagre.graphlib.Graph();
    g.setGraph({ rankdir: "LR", nodesep: 10, ranksep: 44, marginx: 16, marginy: 16 });
    g.setDefaultEdgeLabel(() => ({}));
    // dagre puts the first of what is joined alike at the bottom: given the other way round, the first is at the top,
    // where the keyboard's way through the page begins.
    for (const it of [...graph.nodes.values()].reverse()) g.setNode(it.id, { width: SIZE[it.kind][0], height: SIZE[it.kind][1] });
    for (const [from, to] of [...graph.edges].reverse()) g.setEdge(from, to);
    dagre.layout(g);
    if (g.graph().height > TALL) raise(g, graph);
    return g;
  }

  /* A tall picture is read from its top: there the networks stand, and who calls, beside the services that come first. */
  function raise(g, graph) {
    const columns = new Map();
    for (const it of graph.nodes.values()) {
      const x = g.node(it.id).x;
      if (!columns.has(x)) columns.set(x, []);
      columns.get(x).push(it);
    }
    for (const column of columns.values()) {
      if (!column.every((it) => ["network", "client"].includes(it.kind) || it.id.startsWith("clients:"))) continue;
      let top = 16;
      for (const at of column.map((it) => g.node(it.id)).sort((a, b) => a.y - b.y)) {
        at.y = top + at.height / 2;
        top += at.height + 10;
      }
    }
  }

  function curve(points) {
    const [first, ...rest] = points;
    const last = rest[rest.length - 1];
    const half = (first.x + last.x) / 2;
    return `M${first.x},${first.y}C${half},${first.y} ${half},${last.y} ${last.x},${last.y}`;
  }

  /* The drawing: {svg, width, height, graph}. Every node is a button that can be reached by keyboard. */
  function drawn(topology, shown, opened) {
    const graph = graphOf(topology, shown, opened);
    const g = laidOut(graph);
    const { width = 0, height = 0 } = g.graph();
    const lines = graph.edges.map(([from, to]) => {
      const a = g.node(from), b = g.node(to);
      const path = curve([{ x: a.x + a.width / 2, y: a.y }, { x: b.x - b.width / 2, y: b.y }]);
      return `<path class="edge" data-from="${escaped(from)}" data-to="${escaped(to)}" d="${path}"/>`;
    });
    const boxes = [...graph.nodes.values()].map((it) => {
      const at = g.node(it.id);
      const room = Math.floor((at.width - 40) / 7.2);
      const said = `${it.kind} ${it.title}, ${it.sub}${it.state ? `, ${it.state}` : ""}`;
      const mark = it.state
        ? `<text class="mark" x="${at.width - 18}" y="28">${MARK[it.state] || "•"}</text>` : "";
      return `<g class="node ${it.kind} ${escaped(it.state)}" data-id="${escaped(it.id)}" tabindex="0" role="button"` +
        ` aria-label="${escaped(said)}" transform="translate(${at.x - at.width / 2},${at.y - at.height / 2})">` +
        `<title>${escaped(said)}</title><rect width="${at.width}" height="${at.height}" rx="7"/>` +
        `<text class="title" x="12" y="20">${escaped(cut(it.title, room))}</text>` +
        `<text class="sub" x="12" y="36">${escaped(cut(it.sub, Math.floor((at.width - (it.state ? 46 : 24)) / 6)))}</text>${mark}</g>`;
    });
    const w = Math.max(1, Math.ceil(width)), h = Math.max(1, Math.ceil(height));
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${w} ${h}" width="${w}" height="${h}">` +
      `<g class="edges">${lines.join("")}</g><g class="nodes">${boxes.join("")}</g></svg>`;
    return { svg, width: w, height: h, graph };
  }

  return { drawn, MARK, MANY, WORST };
})();
