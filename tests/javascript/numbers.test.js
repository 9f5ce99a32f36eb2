import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { toNumber, toStep } from "../../dashboard/assets/anchors/number.js";
import { moved } from "../../dashboard/assets/bar/models.js";
import { later } from "../../dashboard/assets/common/later.js";
import { count, plural, short, told } from "../../dashboard/assets/common/numbers.js";
import { placed, readArrays, stop } from "../../dashboard/assets/stitch/places.js";

test("numbers as they are written", () => {
  assert.deepEqual([count(1234567), count(undefined)], ["1,234,567", "0"]);
  assert.deepEqual(
    [plural(1, "site"), plural(2, "site"), plural(0, "energy", "energies")],
    ["1 site", "2 sites", "0 energies"],
  );
  assert.deepEqual([null, "", Number.NaN, "words", 12345, 0.12345, 1e-5, 123456.7].map(short), [
    "–",
    "–",
    "–",
    "words",
    "12,345",
    "0.123",
    "1.0e-5",
    "1.2e+5",
  ]);
});

test("scores have two digits and no negative nought, errors with a unit none", () => {
  assert.deepEqual([told(0.456), told(-0.456), told(-0.001), told(null)], ["0.46", "−0.46", "0.00", "–"]);
  assert.deepEqual([told(1234.5, "meV"), told(-3.2, "meV")], ["1,235", "−3"]);
});

test("later runs once, with the last words; now at once, cancel never", () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const heard = [];
  const call = later((word) => heard.push(word), 100);
  call("a");
  call("b");
  mock.timers.tick(100);
  assert.deepEqual(heard, ["b"]);
  call("c");
  call.now();
  call.now();
  call("d");
  call.cancel();
  mock.timers.tick(1000);
  assert.deepEqual(heard, ["b", "c"]);
  mock.timers.reset();
});

test("the slider of anchors runs along the logarithm, end to end", () => {
  assert.deepEqual([toNumber(0, 5, 500), toNumber(200, 5, 500), toNumber(400, 5, 500)], [5, 50, 500]);
  assert.deepEqual([toStep(5, 5, 500), toStep(50, 5, 500), toStep(500, 5, 500), toStep(1, 5, 500)], [0, 200, 400, 0]);
  assert.equal(toStep(5, 5, 5), 0);
});

test("a model takes the place on which it is dropped", () => {
  assert.deepEqual(moved(["a", "b", "c"], "a", 2), ["b", "c", "a"]);
  assert.deepEqual(moved(["a", "b", "c"], "c", -1), ["c", "a", "b"]);
});

test("places at the ends and in the middle of the morph", () => {
  const places = new Float32Array([0, 0, 1, 2, 3, 4]); // one site: source, translated, target
  const padded = new Uint8Array(25);
  padded.set(new Uint8Array(places.buffer), 1); // as a message may bring it: not where a float may start
  const state = readArrays({ places: padded.subarray(1), sites: new Int32Array([7]), chosen: new Uint8Array([1]) });
  assert.deepEqual([state.n, state.any, state.row.get(7), state.rgb.length], [1, true, 0, 0]);
  const at = (step) => [...placed(state, step)];
  assert.deepEqual(
    [at(0), at(0.5), at(1), at(2)],
    [
      [0, 0],
      [0.5, 1],
      [1, 2],
      [3, 4],
    ],
  );
  assert.deepEqual([0, 0.01, 0.5, 1.3, 2].map(stop), [0, 0, 0.5, 1.5, 2]);
});

test("no places are no sites", () => {
  assert.equal(readArrays({}).n, 0);
});
