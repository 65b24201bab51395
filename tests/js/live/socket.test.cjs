"use strict";
const { test } = require("node:test");
const assert = require("node:assert/strict");
const { socket } = require("./load.cjs")("socket");

/** A world whose time passes by command, with sockets that do as they are told. */
function world({ random = () => 0.5, tickMs = 1000 } = {}) {
  let now = 0, slept = 0;
  const timers = new Map(), sockets = [], states = [], texts = [];
  let ids = 0;
  const hooks = {
    now: () => now, wall: () => now + slept, random,
    setTimer: (fn, ms) => (timers.set(++ids, { fn, at: now + ms }), ids),
    clearTimer: (id) => timers.delete(id),
    open: () => {
      const made = { sent: [], readyState: 0, closed: false, send(text) { this.sent.push(text); }, close() { this.closed = true; this.readyState = 3; } };
      sockets.push(made);
      return made;
    },
    onFrame: () => {}, onText: (text) => texts.push(text), onState: (state) => states.push(state),
  };
  const link = new socket.Link(hooks, tickMs);
  const pass = (ms) => {
    for (const end = now + ms; ;) {
      const due = [...timers].filter(([, t]) => t.at <= end).sort((a, b) => a[1].at - b[1].at)[0];
      if (!due) { now = end; return; }
      timers.delete(due[0]);
      now = Math.max(now, due[1].at);
      due[1].fn();
    }
  };
  const last = () => sockets[sockets.length - 1];
  const greet = () => { last().readyState = 1; last().onopen(); last().onmessage({ data: new ArrayBuffer(0) }); link.ready(); };
  const reconnected = () => { for (const n = sockets.length; sockets.length === n;) pass(100); };
  const hear = (ms) => { for (const end = now + ms; now < end;) { pass(500); last().onmessage({ data: new ArrayBuffer(0) }); } };
  return { link, pass, doze: (ms) => { slept += ms; }, sockets, states, last, greet, hear, reconnected, sleep: (ms) => { now += ms; }, texts };
}

test("waiting times grow, are capped and spread over their whole interval", () => {
  assert.equal(socket.backoff(0, 1), socket.BASE_MS);
  assert.equal(socket.backoff(3, 1), 8 * socket.BASE_MS);
  assert.equal(socket.backoff(50, 1), socket.CAP_MS);
  assert.equal(socket.backoff(50, 0), 0);
});

test("it tries for ever", () => {
  const { link, reconnected, sockets, last } = world();
  link.connect();
  for (let k = 0; k < 100; k++) { last().onclose(); reconnected(); }
  assert.equal(sockets.length, 101);
  assert.equal(link.reconnects, 100);
});

test("a thousand walls that lose their server together do not come back together", () => {
  let seed = 1;
  const random = () => (seed = (seed * 16807) % 2147483647) / 2147483647;
  const seconds = new Map();
  for (let w = 0; w < 1000; w++) {
    const { link, last, reconnected } = world({ random });
    link.connect();
    for (let k = 0; k < 5; k++) { last().onclose(); reconnected(); }
    const wait = socket.backoff(5, random());
    seconds.set(Math.floor(wait / 1000), (seconds.get(Math.floor(wait / 1000)) ?? 0) + 1);
  }
  assert.ok(Math.max(...seconds.values()) < 200, "no second holds more than a fifth of them");
});

test("a server that drops its guests at the door is asked ever more seldom", () => {
  const { link, last, pass, greet, reconnected, sockets } = world({ random: () => 1 });
  link.connect();
  for (let k = 0; k < 6; k++) { greet(); last().onclose(); reconnected(); }
  assert.ok(link.attempt >= 6);
  greet();
  for (let k = 0; k < 12; k++) { pass(500); last().onmessage({ data: "x" }); }
  assert.equal(link.attempt, 0, "one that keeps talking is well");
  assert.equal(sockets.length, 7);
});

test("silence is noticed though the socket says it is open", () => {
  const { link, greet, hear, pass, states, sockets } = world();
  link.connect();
  greet();
  hear(20000);
  assert.equal(link.reconnects, 0);
  pass(8000);
  assert.equal(link.reconnects, 1);
  assert.ok(sockets[0].closed);
  assert.deepEqual(states.slice(0, 3), ["connecting", "open", "lost"]);
});

test("a laptop that slept finds out at its next look", () => {
  const { link, greet, pass, sleep } = world();
  link.connect();
  greet();
  sleep(3_600_000);
  pass(1100);
  assert.equal(link.reconnects, 1);
});

test("a machine whose monotonic clock slept too connects anew at once", () => {
  const { link, greet, hear, doze, states, sockets, pass } = world();
  link.connect();
  greet();
  hear(3000);
  doze(3_600_000);
  pass(1100);
  assert.equal(sockets.length, 2);
  assert.deepEqual(states, ["connecting", "open", "lost", "connecting"]);
});

test("the link is open once a snapshot was applied; the first one may take half a minute", () => {
  const { link, last, pass, states, sockets } = world();
  link.connect();
  last().onmessage({ data: "doc" });
  pass(29_000);
  assert.deepEqual(states, ["connecting"]);
  assert.equal(sockets.length, 1);
  link.ready();
  assert.deepEqual(states, ["connecting", "open"]);
  pass(2000);
  assert.equal(link.reconnects, 1, "then silence counts as always");
});

test("messages without a whole picture are no open link", () => {
  const { link, greet, hear, states } = world();
  link.connect();
  greet();
  hear(10_000);
  link.resync();
  hear(7000);
  assert.equal(states.at(-1), "open");
  hear(3000);
  assert.equal(states.at(-1), "lost");
  assert.equal(link.reconnects, 0);
  link.ready();
  hear(20_000);
  assert.equal(states.at(-1), "open");
});

test("a hidden wall asks for nothing", () => {
  const { link, greet, last } = world();
  link.connect();
  greet();
  link.pause();
  link.resync();
  assert.deepEqual(last().sent, ["pause"]);
});

test("what must be had is tried until it is had, ever more seldom", async () => {
  const waits = [];
  let left = 8;
  await socket.persist(async () => left-- === 0, (fn, ms) => { waits.push(ms); fn(); }, () => 1);
  assert.deepEqual(waits, [2000, 4000, 8000, 16000, 32000, 60000, 60000, 60000]);
});

test("what a dropped socket still says is not heard", () => {
  const { link, greet, last, pass, texts } = world();
  link.connect();
  greet();
  const heard = last().onmessage;
  last().onclose();
  heard({ data: "late" });
  pass(1);
  assert.deepEqual(texts, []);
});

test("a hidden wall says pause, and is neither watched nor reconnected", () => {
  const { link, greet, last, pass, sockets } = world();
  link.connect();
  greet();
  link.pause();
  assert.deepEqual(last().sent, ["pause"]);
  pass(60000);
  assert.equal(sockets.length, 1);
  last().onclose();
  pass(60000);
  assert.equal(sockets.length, 1);
  link.resume();
  assert.equal(sockets.length, 2, "at once when someone looks again");
});

test("a wall shown again asks for everything, over a new socket if the old one keeps silent", () => {
  const { link, greet, last, pass, sockets } = world();
  link.connect();
  greet();
  link.pause();
  pass(60000);
  link.resume();
  assert.deepEqual(last().sent, ["pause", "resync"]);
  last().onmessage({ data: "doc" });
  pass(1000);
  last().onmessage({ data: "doc" });
  pass(2000);
  assert.equal(sockets.length, 1);
  link.pause();
  link.resume();
  pass(2600);
  assert.equal(sockets.length, 2);
});

test("a wall that connects while hidden pauses its new socket", () => {
  const { link, last } = world();
  link.pause();
  link.connect();
  last().onopen();
  assert.deepEqual(last().sent, ["pause"]);
});

test("a resync is asked once while its answer is on the way", () => {
  const { link, greet, last, hear } = world();
  link.connect();
  greet();
  for (let k = 0; k < 20; k++) link.resync();
  assert.deepEqual(last().sent, ["resync"]);
  hear(6000);
  link.resync();
  assert.equal(last().sent.length, 2);
});
