"use strict";
const test = require("node:test");
const assert = require("node:assert/strict");
const wallboard = require("./load.cjs")("hit", "devices");
const { Devices, DeviceFetcher, clusters } = wallboard.devices;

/** A store of units by id at fractions of the square, or null: without a place. @param {Record<string, number[]|null>} units */
function storeOf(units) {
  const at = Object.values(units);
  return { byId: new Map(Object.keys(units).map((id, i) => [id, i])), alive: at.map((p) => (p ? 1 : 0)), sx: at.map((p) => p?.[0]), sy: at.map((p) => p?.[1]) };
}
const NOBODY = new Map();

/** @param {string} id @param {number|null} lat @param {number|null} lon @param {object} [more] */
const point = (id, lat, lon, more = {}) => ({ id, kind: "CAMERA", state: "ONLINE", name: "", lat, lon, unit_id: "", stream_url: "", ...more });

test("points are placed through the map's datum, those without a place are kept", () => {
  const devices = new Devices();
  devices.set({ devices: [point("a", 31.2, 121.4), point("b", null, null)] });
  assert.equal(devices.settle(storeOf({}), NOBODY), true);
  assert.deepEqual(devices.byId.get("a").x, wallboard.datum.place(31.2, 121.4).x);
  assert.ok(Number.isNaN(devices.byId.get("b").x));
  assert.equal(devices.byId.get("a").name, "a");
  assert.deepEqual(devices.within(0, 0, 1, 1).map((/** @type {any} */ d) => d.id), ["a"]);
});

test("a camera that a unit carries is where the unit is, and no point of the ground", () => {
  const devices = new Devices(), ids = () => devices.within(0, 0, 1, 1).map((/** @type {any} */ d) => d.id);
  devices.set({ devices: [point("b", 31, 121, { kind: "BODY_CAMERA", unit_id: "U1" })] });
  const store = storeOf({ U1: [0.5, 0.25] });
  assert.equal(devices.settle(store, NOBODY), false);
  assert.deepEqual(ids(), []);
  assert.deepEqual(devices.placeOf("b", store, NOBODY), { x: 0.5, y: 0.25 });
  store.alive[0] = 0;
  assert.equal(devices.settle(store, NOBODY), true);
  assert.equal(devices.settle(store, NOBODY), false);
  assert.deepEqual(ids(), ["b"]);
  assert.equal(devices.placeOf("b", store, NOBODY).x, wallboard.datum.place(31, 121).x);
  assert.equal(devices.placeOf("nobody", store, NOBODY), null);
  assert.deepEqual(devices.byUnit.get("U1").map((/** @type {any} */ d) => d.id), ["b"]);
});

test("a camera whose unit nobody knows stands at its own place, one that a drone carries goes with it", () => {
  const devices = new Devices(), drones = new Map([["D1", { x: 0.5, y: 0.5 }]]);
  devices.set({ devices: [
    point("b", 31, 121, { kind: "BODY_CAMERA", unit_id: "stranger" }), point("c", 31, 121, { unit_id: "D1" }),
    point("d", null, null, { kind: "BODY_CAMERA", unit_id: "stranger" }),
  ] });
  devices.settle(storeOf({}), drones);
  assert.deepEqual(devices.ground.map((/** @type {any} */ d) => d.id), ["b"]);
  assert.deepEqual(devices.placeOf("c", storeOf({}), drones), { x: 0.5, y: 0.5 });
  assert.equal(devices.placeOf("d", storeOf({}), drones), null);
});

test("the nearest point is found where points are shown, and not where they are counted", () => {
  const devices = new Devices();
  devices.set({ devices: [point("a", 31.2, 121.4), point("b", 31.2, 121.4005)] });
  devices.settle(storeOf({}), NOBODY);
  const at = wallboard.datum.place(31.2, 121.4004);
  assert.equal(devices.nearest(at.x, at.y, 1e-5, 14).id, "b");
  assert.equal(devices.nearest(at.x, at.y, 1e-9, 14), null);
  assert.equal(devices.nearest(at.x, at.y, 1e-5, 12.75), null);
});

test("every point is counted once, and squares stay when the map is moved", () => {
  const points = Array.from({ length: 500 }, (_, n) => ({ x: 0.8 + (n % 23) / 5e4, y: 0.4 + (n % 31) / 4e4, state: n % 10 ? "ONLINE" : "FAULT" }));
  const cells = clusters(points, 2 ** 20, 1);
  assert.ok(cells.length > 3 && cells.length < 100);
  assert.equal(cells.reduce((/** @type {number} */ n, /** @type {any} */ c) => n + c.n, 0), 500);
  assert.equal(cells.reduce((/** @type {number} */ n, /** @type {any} */ c) => n + c.bad, 0), 50);
  const edge = Math.floor(0.8003 * 2 ** 13) / 2 ** 13; // between two squares
  const part = clusters(points.filter((p) => p.x < edge), 2 ** 20, 1);
  const whole = new Set(cells.map((/** @type {any} */ c) => `${c.x} ${c.y}`));
  assert.ok(part.length > 2);
  assert.ok(part.every((/** @type {any} */ c) => whole.has(`${c.x} ${c.y}`)));
});

test("only what delivers and can be watched is a stream, worn cameras first", () => {
  const devices = new Devices();
  const url = "https://a.example/1";
  devices.set({ devices: [
    point("p", 31, 121, { kind: "PLATFORM_CAMERA", stream_url: url }), point("b", null, null, { kind: "BODY_CAMERA", stream_url: url }),
    point("off", 31, 121, { kind: "PLATFORM_CAMERA", stream_url: url, state: "OFFLINE" }), point("c", 31, 121, { stream_url: url }),
    point("mute", 31, 121, { kind: "BODY_CAMERA" }),
  ] });
  assert.deepEqual(devices.streams(9).map((/** @type {any} */ d) => d.id), ["b", "p"]);
  assert.equal(devices.streams(1).length, 1);
});

/** A fetcher whose timers and answers the test holds. */
function fetcher() {
  /** @type {any} */
  const world = { timers: [], asked: [], changes: 0, problems: [], fails: false };
  world.devices = new Devices();
  world.made = new DeviceFetcher({
    devices: world.devices, random: () => 0.5, changed: () => world.changes++,
    setTimer: (/** @type {() => void} */ fn, /** @type {number} */ ms) => world.timers.push([fn, ms]),
    problem: (/** @type {string|null} */ detail) => world.problems.push(detail),
    fetch: async (/** @type {string} */ code) => {
      world.asked.push(code);
      if (world.fails) throw new Error("HTTP 503");
      return { devices: [point("a", 31, 121)] };
    },
  });
  world.run = async () => {
    const [fn, ms] = world.timers.shift();
    fn();
    await new Promise((resolve) => setImmediate(resolve));
    return ms;
  };
  return world;
}
const doc = (/** @type {number} */ revision, epoch = 1, scope = "city") => ({ panel: "devices", epoch, scope, body: { revision, total: 1 } });

test("a changed revision is fetched once, the first at once and later ones after a moment", async () => {
  const world = fetcher();
  world.made.take(doc(1));
  world.made.take(doc(1));
  assert.equal(await world.run(), 0);
  assert.deepEqual([world.asked, world.changes, world.timers.length], [["city"], 1, 0]);
  world.made.take(doc(2));
  world.made.take(doc(3));
  assert.ok((await world.run()) > 0);
  assert.deepEqual([world.asked.length, world.timers.length], [2, 0]);
});

test("another server or scope is asked at once, and a failure is asked again", async () => {
  const world = fetcher();
  world.made.take(doc(5));
  await world.run();
  world.made.take(doc(5, 2));
  assert.equal(await world.run(), 0);
  world.made.take(doc(5, 2, "B1"));
  world.fails = true;
  await world.run();
  assert.match(world.problems.at(-1), /503/);
  world.fails = false;
  await world.run();
  assert.deepEqual([world.asked.at(-1), world.problems.at(-1), world.timers.length], ["B1", null, 0]);
});

test("a revision that comes while one is fetched is fetched after it", async () => {
  const world = fetcher();
  world.made.take(doc(1));
  const [fn] = world.timers.shift();
  fn();
  world.made.take(doc(2));
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(world.timers.length, 1);
  await world.run();
  assert.deepEqual([world.asked.length, world.timers.length], [2, 0]);
});
