// A terminal's screen as an SVG: text with the attributes that `tmux capture-pane -e` writes, and no more of ECMA-48.

const cell = { width: 8.4, height: 19, size: 14 };
const margin = 18;
const colours = {
  background: "#1b1f27",
  text: "#d5d9e0",
  30: "#4b5263",
  31: "#f7768e",
  32: "#8fd19e",
  33: "#e5c07b",
  34: "#7aa2f7",
  35: "#c792ea",
  36: "#6fcbd8",
  37: "#d5d9e0",
  90: "#7c8494",
};

/** @typedef {{ bold?: boolean, dim?: boolean, colour?: string | undefined }} Style */

/**
 * The attributes after one more of the numbers of “select graphic rendition”.
 * @param {Style} style
 * @param {number} code
 * @returns {Style}
 */
function select(style, code) {
  if (code === 0) return {};
  if (code === 1) return { ...style, bold: true };
  if (code === 2) return { ...style, dim: true };
  if (code === 22) return { ...style, bold: false, dim: false };
  if (code === 39) return { ...style, colour: undefined };
  return code in colours ? { ...style, colour: colours[code] } : style;
}

/** Runs of one style: `[{ text, style }]`. */
function runsOf(line) {
  /** @type {Style} */
  let style = {};
  const runs = [];
  for (const [, codes, text] of line.matchAll(/\x1b\[([\d;]*)m|([^\x1b]+)/g)) {
    if (text === undefined) style = codes.split(";").map(Number).reduce(select, style);
    else runs.push({ text, style });
  }
  return runs;
}

const escapeText = (text) =>
  text.replace(/[&<>]/g, (sign) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;" })[sign]);

/** @param {Style} style */
function attributes({ bold, dim, colour }) {
  return [
    bold ? ' font-weight="bold"' : "",
    colour ? ` fill="${colour}"` : "",
    dim ? ' opacity="0.65"' : "",
  ].join("");
}

const number = (value) => String(Math.round(value * 10) / 10);

/** One line. Each run is as wide as its cells, whichever font shows it. */
function lineOf(line, row) {
  let column = 0;
  const y = number(margin + cell.height * (row + 0.75));
  return runsOf(line)
    .map(({ text, style }) => {
      const start = column;
      column += [...text].length;
      const shown = text.trimEnd();
      if (shown.trimStart() === "") return "";
      const width = number([...shown].length * cell.width);
      const place = `x="${number(margin + start * cell.width)}" y="${y}" textLength="${width}"`;
      return `<text ${place}${attributes(style)} xml:space="preserve">${escapeText(shown)}</text>`;
    })
    .join("");
}

/** Between two moments. */
function divider(row, width) {
  const y = number(margin + cell.height * (row + 0.5));
  return `<path d="M0 ${y}H${width}" stroke="${colours[30]}" stroke-dasharray="3 5"/>`;
}

/**
 * The picture of what a screen of so many columns showed at one moment or several, the first one on top; `title` is
 * read out to those who do not see it.
 * @param {readonly string[]} moments
 * @param {{ columns: number, title: string }} options
 */
export function terminalPicture(moments, { columns, title }) {
  const width = number(columns * cell.width + 2 * margin);
  const rows = moments.flatMap((moment) => [undefined, ...moment.trimEnd().split("\n")]).slice(1);
  const height = number(rows.length * cell.height + 2 * margin);
  const font = "ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace";
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">`,
    `<title>${escapeText(title)}</title>`,
    `<rect width="100%" height="100%" rx="8" fill="${colours.background}"/>`,
    `<g font-family="${font}" font-size="${cell.size}" fill="${colours.text}">`,
    ...rows
      .map((line, row) => (line === undefined ? divider(row, width) : lineOf(line, row)))
      .filter((text) => text !== ""),
    "</g>",
    "</svg>",
    "",
  ].join("\n");
}
