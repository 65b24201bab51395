/**
 * What a unit is, as a pictogram of about 12 × 12 px around the origin, by UnitType. The caller sets fill and stroke;
 * `paper` is the colour behind, for what is cut out.
 */
"use strict";
(function (root) {
  const wallboard = (root.wallboard ??= {});
  const TAU = Math.PI * 2;

  /** @param {any} c @param {number} x @param {number} y @param {number} r */
  const disc = (c, x, y, r) => {
    c.beginPath();
    c.arc(x, y, r, 0, TAU);
    c.fill();
  };
  /** @param {any} c @param {number[]} points x, y, x, y, … @param {boolean} [closed] fill instead of stroke */
  const line = (c, points, closed) => {
    c.beginPath();
    for (let k = 0; k < points.length; k += 2) c.lineTo(points[k], points[k + 1]);
    if (closed) c.fill();
    else c.stroke();
  };
  /** @param {any} c @param {string} paper @param {() => void} draw */
  const cut = (c, paper, draw) => {
    const ink = c.fillStyle;
    c.fillStyle = c.strokeStyle = paper;
    draw();
    c.fillStyle = c.strokeStyle = ink;
  };

  /** @type {((c: any, paper: string) => void)[]} */
  const glyphs = [];
  glyphs[0] = (c) => { // unknown: a question mark
    c.lineWidth = 1.8;
    c.beginPath();
    c.arc(0, -2.2, 2.6, Math.PI, 0.5 * Math.PI);
    c.lineTo(0, 1.9);
    c.stroke();
    disc(c, 0, 4.6, 1.1);
  };
  glyphs[1] = (c, paper) => { // car, from the front
    line(c, [-3.4, -4.6, 3.4, -4.6, 5, -0.4, 5.6, 0.6, 5.6, 3.8, -5.6, 3.8, -5.6, 0.6, -5, -0.4], true);
    c.fillRect(-5, 3, 2.4, 2.4);
    c.fillRect(2.6, 3, 2.4, 2.4);
    cut(c, paper, () => {
      line(c, [-2.6, -3.4, 2.6, -3.4, 3.5, -0.6, -3.5, -0.6], true);
      disc(c, -3.5, 1.8, 0.8);
      disc(c, 3.5, 1.8, 0.8);
    });
  };
  glyphs[2] = (c) => { // motorcycle, from the side
    c.beginPath();
    c.arc(-3.9, 2.6, 2, 0, TAU);
    c.moveTo(5.9, 2.6);
    c.arc(3.9, 2.6, 2, 0, TAU);
    c.stroke();
    line(c, [-3.9, 2.6, -1.2, -0.6, 2.2, -0.6, 3.9, 2.6]);
    line(c, [2.2, -0.6, 1.4, -3.4, 3.2, -3.4]);
    line(c, [-3.6, -1.6, -0.6, -1.6]);
  };
  glyphs[3] = (c) => { // on foot
    disc(c, 0, -4.2, 1.9);
    line(c, [-2.6, -1.4, 2.6, -1.4, 1.8, 2.4, 1.4, 6, -1.4, 6, -1.8, 2.4], true);
  };
  glyphs[4] = (c, paper) => { // traffic police: a traffic light
    c.beginPath();
    c.roundRect(-2.8, -6, 5.6, 12, 1.6);
    c.fill();
    cut(c, paper, () => [-3.5, 0, 3.5].forEach((y) => disc(c, 0, y, 1.2)));
  };
  glyphs[5] = (c) => { // assault vehicle: a shield
    c.beginPath();
    c.moveTo(0, -6);
    c.lineTo(5, -4.2);
    c.lineTo(5, 0.4);
    c.quadraticCurveTo(4.4, 4.2, 0, 6.2);
    c.quadraticCurveTo(-4.4, 4.2, -5, 0.4);
    c.lineTo(-5, -4.2);
    c.fill();
  };
  glyphs[6] = (c) => { // command vehicle: a van with a mast
    c.fillRect(-6, -1.6, 9, 5);
    line(c, [3, -0.4, 5, -0.4, 6.2, 1.6, 6.2, 3.4, 3, 3.4], true);
    disc(c, -3.4, 3.8, 1.5);
    disc(c, 3.6, 3.8, 1.5);
    line(c, [-2.6, -1.6, -2.6, -5.8]);
    c.beginPath();
    c.arc(-2.6, -4.4, 2.4, -0.9, 0.9);
    c.stroke();
  };
  glyphs[7] = (c) => { // mobile platform: a mast on three legs
    line(c, [0, -3.4, 0, 2]);
    line(c, [-3.8, 5.4, 0, 1, 3.8, 5.4]);
    disc(c, 0, -3.6, 1.4);
    c.beginPath();
    c.arc(0, -3.6, 3.6, -0.7, 0.7);
    c.moveTo(-2.75, -1.28);
    c.arc(0, -3.6, 3.6, Math.PI - 0.7, Math.PI + 0.7);
    c.stroke();
  };
  glyphs[8] = (c, paper) => { // post: a hut
    line(c, [0, -6, 6, -0.8, 4.2, -0.8, 4.2, 5, -4.2, 5, -4.2, -0.8, -6, -0.8], true);
    cut(c, paper, () => c.fillRect(-1.4, 1, 2.8, 4));
  };
  glyphs[9] = (c) => { // mounted: a horseshoe
    c.lineWidth = 2.1;
    c.beginPath();
    c.moveTo(-3.4, 5.2);
    c.bezierCurveTo(-7, -2, -3.6, -5.4, 0, -5.4);
    c.bezierCurveTo(3.6, -5.4, 7, -2, 3.4, 5.2);
    c.stroke();
  };
  glyphs[10] = (c) => { // drone: four rotors
    line(c, [-3.8, -3.8, 3.8, 3.8]);
    line(c, [3.8, -3.8, -3.8, 3.8]);
    for (const [x, y] of [[-4, -4], [4, -4], [-4, 4], [4, 4]]) disc(c, x, y, 1.9);
    disc(c, 0, 0, 1.9);
  };
  glyphs[11] = (c) => { // helicopter
    line(c, [-6, -4.4, 6, -4.4]);
    line(c, [0, -4.4, 0, -2]);
    c.beginPath();
    c.ellipse(1.4, 0.6, 3.9, 2.7, 0, 0, TAU);
    c.fill();
    line(c, [-1, 0, -6, -0.8]);
    line(c, [-6, -2.4, -6, 0.8]);
    line(c, [-2, 5, 5, 5]);
    line(c, [1.5, 3, 1.5, 5]);
  };
  glyphs[12] = (c) => { // volunteers: two people
    for (const x of [-2.9, 2.9]) {
      disc(c, x, -3.2, 1.8);
      c.beginPath();
      c.roundRect(x - 2.4, -0.7, 4.8, 6, 1.8);
      c.fill();
    }
  };
  glyphs[13] = (c) => line(c, [0, -4.6, 4.6, 0, 0, 4.6, -4.6, 0], true); // other: a diamond

  wallboard.glyphs = glyphs;
})(/** @type {any} */ (globalThis));
