import { expect, it } from "vitest";
import { areaOf, around, clampView, fit, showArea, zoomAt } from "./view";

const picture = { width: 600, height: 900 };
const frame = { width: 600, height: 500 };

it("keeps what is under the fingers there", () => {
  const at = { x: 200, y: 100 };
  const near = zoomAt(fit, 2, at);
  expect((at.x - near.x) / near.scale).toBeCloseTo(200);
  expect((at.y - near.y) / near.scale).toBeCloseTo(100);
});

it("never shows empty space beside the picture, nor goes further away than the whole", () => {
  expect(clampView({ scale: 2, x: 500, y: -5000 }, picture, frame)).toEqual({ scale: 2, x: 0, y: 500 - 1800 });
  const far = clampView({ scale: 0.01, x: 0, y: 0 }, picture, frame);
  expect(far.scale).toBeCloseTo(500 / 900);
  expect(far.x).toBeCloseTo((600 - 600 * far.scale) / 2);
});

it("brings a line into the middle, readable", () => {
  const line = { page: 0, left: 0.1, top: 0.5, right: 0.9, bottom: 0.52 };
  const view = showArea(fit, null, line, picture, frame);
  expect(0.5 * 600 * view.scale + view.x).toBeCloseTo(300);
  expect(0.51 * 900 * view.scale + view.y).toBeCloseTo(250);
  expect(0.02 * 900 * view.scale).toBeGreaterThan(21.9);
  const price = { ...line, left: 0.7, right: 0.8 };
  const small = showArea(fit, price, { ...line, bottom: 0.505 }, picture, frame); // too small to be read as a whole
  expect(0.75 * 600 * small.scale + small.x).toBeCloseTo(300);
  expect(showArea(fit, null, null, picture, frame)).toBe(fit);
});

it("reads boxes, and joins those of one page", () => {
  expect(areaOf([0, 0.1, 0.2, 0.3, 0.4])).toEqual({ page: 0, left: 0.1, top: 0.2, right: 0.3, bottom: 0.4 });
  expect(areaOf([0, 0.1])).toBeNull();
  const joined = around([areaOf([0, 0.1, 0.2, 0.3, 0.4]), null, areaOf([1, 0, 0, 1, 1]), areaOf([0, 0.5, 0.1, 0.6, 0.3])]);
  expect(joined).toEqual({ page: 0, left: 0.1, top: 0.1, right: 0.6, bottom: 0.4 });
  expect(around([null])).toBeNull();
});
