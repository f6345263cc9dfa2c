"use strict";
// The raster: spikes are unpacked once, sorted into buckets of time, and drawn pixel by pixel into one canvas.
(async () => {
  const $ = (id) => document.getElementById(id);
  const canvas = $("raster"), status = $("status");
  const head = JSON.parse($("head").textContent);
  const people = head.populations, span = head.stop - head.start;
  const rowsInAll = people.reduce((sum, p) => sum + p.rows, 0);
  if (typeof DecompressionStream === "undefined") {
    status.textContent = "This browser cannot unpack the spikes (it has no DecompressionStream); any of 2023 or later can.";
    return;
  }

  // ---- unpack: four planes of bytes -> counts of each row, then intervals in ticks
  const packed = atob($("spikes").textContent.trim());
  const deflated = new Uint8Array(packed.length);
  for (let k = 0; k < packed.length; k++) deflated[k] = packed.charCodeAt(k);
  const stream = new Blob([deflated]).stream().pipeThrough(new DecompressionStream("deflate"));
  const planes = new Uint8Array(await new Response(stream).arrayBuffer());
  const n = planes.length / 4;
  const number = (k) => (planes[k] | (planes[k + n] << 8) | (planes[k + 2 * n] << 16) | (planes[k + 3 * n] << 24)) >>> 0;
  const total = n - rowsInAll, BUCKETS = 4096;
  const tick = new Float64Array(total), row = new Uint32Array(total), owner = new Uint16Array(rowsInAll);
  const ids = new Uint32Array(rowsInAll);
  for (let p = 0, r = 0; p < people.length; p++)
    for (let k = 0; k < people[p].rows; k++, r++) { owner[r] = p; ids[r] = people[p].ids ? people[p].ids[k] : k; }
  for (let r = 0, k = 0; r < rowsInAll; r++)
    for (let left = number(r), now = 0; left > 0; left--, k++) { now += number(rowsInAll + k); tick[k] = now; row[k] = r; }
  const most = Math.max(1, Math.ceil(span / head.tick));
  const bucketOf = (t) => Math.min(BUCKETS - 1, Math.max(0, Math.floor((t / (most + 1)) * BUCKETS)));
  const edge = new Uint32Array(BUCKETS + 1);
  for (let k = 0; k < total; k++) edge[bucketOf(tick[k]) + 1]++;
  for (let b = 0; b < BUCKETS; b++) edge[b + 1] += edge[b];
  const at = edge.slice(), T = new Float64Array(total), R = new Uint32Array(total);
  for (let k = 0; k < total; k++) { const place = at[bucketOf(tick[k])]++; T[place] = head.start + tick[k] * head.tick; R[place] = row[k]; }

  // ---- what is seen: a window of time, of rows, some populations, some neurons
  const whole = { t0: head.start, t1: head.stop > head.start ? head.stop : head.start + 1, y0: 0, y1: 1 };
  const view = { ...whole };
  const shown = people.map(() => true);
  let wanted = null; // ranges of ids, or null: all
  let place = new Int32Array(rowsInAll), places = 0, blocks = [];
  function arrange() {
    place.fill(-1); places = 0; blocks = [];
    for (let p = 0, r = 0; p < people.length; p++) {
      const from = places;
      for (let k = 0; k < people[p].rows; k++, r++)
        if (shown[p] && (!wanted || wanted.some(([a, b]) => ids[r] >= a && ids[r] <= b))) place[r] = places++;
      if (shown[p]) blocks.push({ p, from, to: places });
    }
    view.y0 = 0; view.y1 = Math.max(1, places); whole.y1 = view.y1;
  }

  const dark = () => matchMedia("screen and (prefers-color-scheme: dark)").matches;
  const elided = (name, most) => name.length <= most ? name : name.slice(0, most - 4) + "…" + name.slice(-3);
  const rgb = (hex) => [1, 3, 5].map((k) => parseInt(hex.slice(k, k + 2), 16));
  const niceStep = (range, count) => {
    const raw = range / Math.max(1, count), ten = 10 ** Math.floor(Math.log10(raw)), f = raw / ten;
    return (f < 1.5 ? 1 : f < 3.5 ? 2 : f < 7.5 ? 5 : 10) * ten;
  };
  const num = (x, digits = 6) => String(Number(x.toPrecision(digits)));

  let geometry = { left: 60, width: 1, top: 6, height: 1 }, queued = false;
  function redraw() { if (!queued) { queued = true; requestAnimationFrame(() => { queued = false; draw(dark()); }); } }

  function draw(black) {
    const began = performance.now(), scale = window.devicePixelRatio || 1;
    const box = canvas.getBoundingClientRect();
    const W = Math.max(200, Math.round(box.width)), H = Math.max(200, Math.round(box.height));
    canvas.width = Math.round(W * scale); canvas.height = Math.round(H * scale);
    const c = canvas.getContext("2d");
    c.scale(scale, scale);
    c.fillStyle = black ? "#000" : "#fff"; c.fillRect(0, 0, W, H);
    c.font = "12px system-ui, sans-serif"; c.textBaseline = "middle";
    const names = blocks.map(({ p }) => elided(people[p].name, W < 500 ? 9 : 18));
    const left = Math.ceil(Math.max(44, ...names.map((name) => c.measureText(name).width + 14)));
    const top = 8, right = 12, low = Math.round(H * 0.2), width = W - left - right, height = H - top - low - 52;
    geometry = { left, width, top, height };
    const ink = black ? "#e6e6e6" : "#1a1a1a", quiet = black ? "#a6a6a6" : "#5a5a5a";
    const pw = Math.max(1, Math.round(width * scale)), ph = Math.max(1, Math.round(height * scale));
    const hits = new Uint16Array(pw * ph), who = new Uint16Array(pw * ph);
    const bins = Math.max(10, Math.floor(width / 3));
    const counts = people.map(() => new Uint32Array(bins));
    const perRow = ph / (view.y1 - view.y0), perMs = pw / (view.t1 - view.t0);
    const b0 = bucketOf((view.t0 - head.start) / head.tick - 1), b1 = bucketOf((view.t1 - head.start) / head.tick + 1);
    let seen = 0;
    const few = edge[b1 + 1] - edge[b0] < 60000; // marks of a pixel would be overlooked
    const wide = few ? Math.round(2 * scale) : 1;
    const tall = Math.max(few ? Math.round(3 * scale) : 1, Math.min(Math.round(perRow * 0.8), Math.round(12 * scale)));
    for (let k = edge[b0]; k < edge[b1 + 1]; k++) {
      const t = T[k], y = place[R[k]];
      if (y < 0 || t < view.t0 || t > view.t1) continue;
      const p = owner[R[k]];
      counts[p][Math.min(bins - 1, Math.floor(((t - view.t0) / (view.t1 - view.t0)) * bins))]++;
      if (y < view.y0 || y >= view.y1) continue;
      seen++;
      const px = Math.min(pw - 1, Math.floor((t - view.t0) * perMs)), py = Math.floor((y + 0.5 - view.y0) * perRow - tall / 2);
      for (let j = Math.max(0, py); j < Math.min(ph, py + tall); j++)
        for (let i = px; i < Math.min(pw, px + wide); i++) { const q = j * pw + i; if (hits[q] < 65535) hits[q]++; who[q] = p; }
    }
    // the typical marked pixel is nearly opaque; emptier and fuller ones stay apart from it
    let marked = 0, sum = 0;
    for (let q = 0; q < hits.length; q++) if (hits[q]) { marked++; sum += hits[q]; }
    const pale = Math.pow(0.2, 1 / Math.max(1, marked ? sum / marked : 1));
    const opaque = new Uint8Array(256);
    for (let h = 0; h < 256; h++) opaque[h] = Math.round(255 * (1 - Math.pow(pale, h)));
    const inks = people.map((p) => rgb(black ? p.dark : p.light));
    const image = c.createImageData(pw, ph), out = image.data;
    for (let q = 0; q < hits.length; q++) if (hits[q]) {
      const [r, g, b] = inks[who[q]];
      out[4 * q] = r; out[4 * q + 1] = g; out[4 * q + 2] = b; out[4 * q + 3] = opaque[Math.min(255, hits[q])];
    }
    const layer = document.createElement("canvas");
    layer.width = pw; layer.height = ph; layer.getContext("2d").putImageData(image, 0, 0);
    c.drawImage(layer, left, top, width, height);

    // names, separators, frame
    c.textAlign = "right";
    let lastY = -99;
    blocks.forEach(({ p, from, to }, k) => {
      const a = Math.max(from, view.y0), b = Math.min(to, view.y1);
      if (b < a || (b === a && from !== to)) return;
      const mid = top + (((a + b) / 2 - view.y0) / (view.y1 - view.y0)) * height;
      if (from > view.y0 && from < view.y1) {
        const y = top + ((from - view.y0) / (view.y1 - view.y0)) * height;
        c.strokeStyle = quiet; c.globalAlpha = 0.5; c.lineWidth = 0.6; c.beginPath(); c.moveTo(left, y); c.lineTo(left + width, y); c.stroke(); c.globalAlpha = 1;
      }
      if (mid - lastY < 12) return;
      lastY = mid;
      c.fillStyle = black ? people[p].darkText : people[p].lightText;
      c.fillText(names[k], left - 8, mid);
    });
    if (!seen) { c.fillStyle = quiet; c.textAlign = "center"; c.fillText("no spikes here", left + width / 2, top + height / 2); }
    c.strokeStyle = ink; c.lineWidth = 1; c.beginPath(); c.moveTo(left, top); c.lineTo(left, top + height); c.lineTo(left + width, top + height); c.stroke();

    // rates below: a line a population, or the mean of many
    const base = H - 36, roof = top + height + 14, bin = (view.t1 - view.t0) / bins / 1000;
    const many = blocks.filter(({ from, to }) => to > from);
    const curves = many.length > 4
      ? [{ color: quiet, fill: true, y: Array.from({ length: bins }, (_, k) => many.reduce((s, { p }) => s + counts[p][k], 0) / (Math.max(1, places) * bin)) }]
      : many.map(({ p, from, to }) => ({ color: black ? people[p].dark : people[p].light, y: Array.from(counts[p], (x) => x / ((to - from) * bin)) }));
    const high = Math.max(1e-9, ...curves.map(({ y }) => Math.max(...y))) * 1.05;
    for (const { color, fill, y } of curves) {
      c.beginPath();
      if (fill) c.moveTo(left, base);
      y.forEach((v, k) => { const yy = base - (v / high) * (base - roof); c.lineTo(left + (k / bins) * width, yy); c.lineTo(left + ((k + 1) / bins) * width, yy); });
      if (fill) { c.lineTo(left + width, base); c.fillStyle = color; c.fill(); } else { c.strokeStyle = color; c.lineWidth = 1.2; c.stroke(); }
    }
    c.strokeStyle = ink; c.lineWidth = 1; c.beginPath(); c.moveTo(left, roof); c.lineTo(left, base); c.lineTo(left + width, base); c.stroke();
    c.fillStyle = ink; c.textAlign = "right";
    const stepY = niceStep(high, 2);
    for (let v = 0; v <= high; v += stepY) c.fillText(num(v, 3), left - 6, base - (v / high) * (base - roof));
    c.textAlign = "left"; c.fillStyle = quiet; c.fillText(many.length > 4 ? "mean rate (Hz)" : "rate (Hz)", left + 6, roof + 2);
    c.fillStyle = ink; c.textAlign = "center";
    const step = niceStep(view.t1 - view.t0, Math.max(2, width / 110));
    for (let t = Math.ceil(view.t0 / step - 1e-9) * step; t <= view.t1 + 1e-9 * step; t += step) {
      const x = left + ((t - view.t0) / (view.t1 - view.t0)) * width;
      c.beginPath(); c.moveTo(x, base); c.lineTo(x, base + 4); c.stroke();
      if (x < left + width - 12 || W > 500) c.fillText(num(t, 9), Math.min(x, W - 22), base + 13);
    }
    c.fillText("Time (ms)", left + width / 2, H - 9);
    $("from").value = num(view.t0, 9); $("to").value = num(view.t1, 9);
    status.textContent = `${num(view.t0)} to ${num(view.t1)} ms: ${seen.toLocaleString("en")} spikes of ${Math.round(view.y1 - view.y0).toLocaleString("en")} neurons, ${blocks.length} of ${people.length} populations.`;
    Object.assign(canvas.dataset, { t0: view.t0, t1: view.t1, y0: view.y0, y1: view.y1, spikes: seen, total, milliseconds: Math.round(performance.now() - began) });
  }

  // ---- moving about
  function clamp(low, high, a, b) { const d = Math.min(high - low, b - a); const from = Math.min(Math.max(a, low), high - d); return [from, from + d]; }
  function zoom(factor, at = 0.5) {
    const d = Math.max((view.t1 - view.t0) * factor, 10 * head.tick), t = view.t0 + at * (view.t1 - view.t0);
    [view.t0, view.t1] = clamp(whole.t0, whole.t1, t - at * d, t + (1 - at) * d); redraw();
  }
  function zoomRows(factor, at = 0.5) {
    const d = Math.max((view.y1 - view.y0) * factor, Math.min(4, whole.y1)), y = view.y0 + at * (view.y1 - view.y0);
    [view.y0, view.y1] = clamp(0, whole.y1, y - at * d, y + (1 - at) * d); redraw();
  }
  function pan(share) { const d = share * (view.t1 - view.t0); [view.t0, view.t1] = clamp(whole.t0, whole.t1, view.t0 + d, view.t1 + d); redraw(); }
  function panRows(share) { const d = share * (view.y1 - view.y0); [view.y0, view.y1] = clamp(0, whole.y1, view.y0 + d, view.y1 + d); redraw(); }
  function all() { Object.assign(view, whole); redraw(); }

  canvas.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const keys = {
      ArrowLeft: () => pan(-0.2), ArrowRight: () => pan(0.2), ArrowUp: () => panRows(-0.2), ArrowDown: () => panRows(0.2),
      "+": () => zoom(0.5), "=": () => zoom(0.5), "-": () => zoom(2), "*": () => zoomRows(0.5), "/": () => zoomRows(2), _: () => zoomRows(2),
      Home: all, 0: all, PageUp: () => pan(-0.9), PageDown: () => pan(0.9),
    };
    if (keys[event.key]) { event.preventDefault(); keys[event.key](); }
  });
  const share = (event) => { const box = canvas.getBoundingClientRect(); return [(event.clientX - box.left - geometry.left) / geometry.width, (event.clientY - box.top - geometry.top) / geometry.height]; };
  canvas.addEventListener("wheel", (event) => {
    if (document.activeElement !== canvas && !event.ctrlKey) return; // the page scrolls until the raster is chosen
    event.preventDefault();
    const [x, y] = share(event), factor = Math.exp(Math.sign(event.deltaY) * 0.25);
    if (event.shiftKey) zoomRows(factor, Math.min(1, Math.max(0, y))); else zoom(factor, Math.min(1, Math.max(0, x)));
  }, { passive: false });
  let held = null;
  canvas.addEventListener("pointerdown", (event) => { held = { x: event.clientX, y: event.clientY, ...view }; canvas.setPointerCapture(event.pointerId); canvas.focus({ preventScroll: true }); });
  canvas.addEventListener("pointermove", (event) => {
    if (!held) return;
    const dt = ((held.x - event.clientX) / geometry.width) * (held.t1 - held.t0), dy = ((held.y - event.clientY) / geometry.height) * (held.y1 - held.y0);
    [view.t0, view.t1] = clamp(whole.t0, whole.t1, held.t0 + dt, held.t1 + dt);
    if (event.pointerType === "mouse") [view.y0, view.y1] = clamp(0, whole.y1, held.y0 + dy, held.y1 + dy);
    redraw();
  });
  for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, () => { held = null; });
  canvas.addEventListener("dblclick", (event) => zoom(0.5, Math.min(1, Math.max(0, share(event)[0]))));
  const press = { "zoom-in": () => zoom(0.5), "zoom-out": () => zoom(2), earlier: () => pan(-0.5), later: () => pan(0.5), "fewer-rows": () => zoomRows(0.5), "more-rows": () => zoomRows(2), all };
  for (const [id, act] of Object.entries(press)) $(id).addEventListener("click", act);
  function window_() {
    const a = Number($("from").value), b = Number($("to").value);
    if (Number.isFinite(a) && Number.isFinite(b) && b > a) { [view.t0, view.t1] = [Math.max(whole.t0, a), Math.min(whole.t1, b)]; if (view.t1 <= view.t0) Object.assign(view, { t0: whole.t0, t1: whole.t1 }); }
    redraw();
  }
  for (const id of ["from", "to"]) $(id).addEventListener("change", window_);
  $("neurons").addEventListener("change", () => {
    const ranges = [...$("neurons").value.matchAll(/(\d+)(?:\s*[-–:]\s*(\d+))?/g)].map(([, a, b]) => [Number(a), Number(b === undefined ? a : b)]);
    wanted = ranges.length ? ranges : null; arrange(); redraw();
  });
  people.forEach((p, k) => {
    const label = document.createElement("label"), box = document.createElement("input");
    box.type = "checkbox"; box.checked = true;
    box.addEventListener("change", () => { shown[k] = box.checked; arrange(); redraw(); });
    label.append(box, " ", p.name);
    $("populations").append(label);
  });
  new ResizeObserver(redraw).observe(canvas);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
  addEventListener("beforeprint", () => { document.querySelectorAll("details").forEach((d) => { d.open = true; }); draw(false); });
  addEventListener("afterprint", redraw);
  arrange();
  draw(dark());
  document.documentElement.dataset.ready = "true";
})();
