/** How a picture lies in its frame: pure geometry. */

export interface Size {
  width: number;
  height: number;
}

/** Fractions of a page's picture; pages count from 0. */
export interface Area {
  page: number;
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/** Pixels by which the picture is moved, after it was scaled; at scale 1 it is as wide as the frame. */
export interface View {
  scale: number;
  x: number;
  y: number;
}

export const fit: View = { scale: 1, x: 0, y: 0 };
const MOST = 8;
const CLOSEST = 3.5; // of what is brought into sight
const READABLE = 22; // pixels of a line's height

/** An area of the reader's list: page, left, top, right, bottom. */
export function areaOf(box: readonly number[] | null | undefined): Area | null {
  const [page, left, top, right, bottom] = box ?? [];
  if (page === undefined || left === undefined || top === undefined || right === undefined || bottom === undefined) {
    return null;
  }
  return { page, left, top, right, bottom };
}

/** The smallest area around all that stand on the first one's page. */
export function around(areas: readonly (Area | null)[]): Area | null {
  const known = areas.filter((area) => area !== null);
  const first = known[0];
  if (!first) return null;
  return known
    .filter((area) => area.page === first.page)
    .reduce((whole, area) => ({
      page: whole.page,
      left: Math.min(whole.left, area.left),
      top: Math.min(whole.top, area.top),
      right: Math.max(whole.right, area.right),
      bottom: Math.max(whole.bottom, area.bottom),
    }));
}

/** No further away than the whole, no empty space beside the picture. */
export function clampView(view: View, picture: Size, frame: Size): View {
  const scale = Math.min(MOST, Math.max(Math.min(1, frame.height / picture.height), view.scale));
  const inside = (offset: number, length: number, room: number) =>
    length <= room ? (room - length) / 2 : Math.min(0, Math.max(room - length, offset));
  return {
    scale,
    x: inside(view.x, picture.width * scale, frame.width),
    y: inside(view.y, picture.height * scale, frame.height),
  };
}

/** Closer by a factor; what is under `at` stays there. */
export function zoomAt(view: View, factor: number, at: { x: number; y: number }): View {
  const scale = Math.min(MOST, view.scale * factor);
  const grown = scale / view.scale;
  return { scale, x: at.x - (at.x - view.x) * grown, y: at.y - (at.y - view.y) * grown };
}

/**
 * A line in the middle: all of it where it can be read so, else the part around the field. A closer view that somebody
 * has chosen is kept.
 */
export function showArea(view: View, field: Area | null, line: Area | null, picture: Size, frame: Size): View {
  const whole = line ?? field;
  if (!whole) return view;
  const width = Math.max(whole.right - whole.left, 0.05) * picture.width;
  const height = Math.max(whole.bottom - whole.top, 0.005) * picture.height;
  const wanted = Math.min(CLOSEST, Math.max(1, (frame.width * 0.92) / width, READABLE / height));
  const scale = Math.max(wanted, Math.min(view.scale, wanted * 1.5));
  const middle = (area: Area) => ({
    x: ((area.left + area.right) / 2) * picture.width * scale,
    y: ((area.top + area.bottom) / 2) * picture.height * scale,
  });
  const { x } = middle(width * scale > frame.width && field ? field : whole);
  return { scale, x: frame.width / 2 - x, y: frame.height / 2 - middle(whole).y };
}
