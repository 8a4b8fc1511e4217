// Charts: `<div data-chart='{"x":[…],"series":[{"label":"…","values":[…]}]}'>` is drawn by uPlot; the table beside it stays
// for whoever does not see it. Pages that draw more than lines use `window.uPlot` themselves.

import uPlot from "uplot";

interface Data {
  /** Seconds since 1970, or any ascending numbers when `time` is false. */
  x: number[];
  time?: boolean;
  height?: number;
  unit?: string;
  series: { label: string; values: (number | null)[]; role?: string; bars?: boolean }[];
  /** A band between two values: what is usual. */
  band?: { from: number; to: number };
  /** Positions of x that stand out. */
  marks?: number[];
}

declare global {
  interface Window {
    uPlot: typeof uPlot;
  }
}

const HEIGHT = 240;
const token = (name: string, otherwise: string): string =>
  getComputedStyle(document.documentElement).getPropertyValue(name).trim() || otherwise;

function band(data: Data): uPlot.Plugin {
  return {
    hooks: {
      drawClear: (plot) => {
        if (!data.band) return;
        const [top, bottom] = [plot.valToPos(data.band.to, "y", true), plot.valToPos(data.band.from, "y", true)];
        plot.ctx.save();
        plot.ctx.fillStyle = token("--tblr-green-lt", "rgba(47,179,68,.12)");
        plot.ctx.fillRect(plot.bbox.left, top, plot.bbox.width, bottom - top);
        plot.ctx.restore();
      },
      draw: (plot) => {
        const values = plot.data[1];
        if (!data.marks || !values) return;
        plot.ctx.save();
        plot.ctx.strokeStyle = token("--tblr-red", "#d63939");
        plot.ctx.lineWidth = 2 * devicePixelRatio;
        for (const at of data.marks) {
          const value = values[data.x.indexOf(at)];
          if (value === null || value === undefined) continue;
          plot.ctx.beginPath();
          plot.ctx.arc(plot.valToPos(at, "x", true), plot.valToPos(value, "y", true), 7 * devicePixelRatio, 0, 7);
          plot.ctx.stroke();
        }
        plot.ctx.restore();
      },
    },
  };
}

function draw(place: HTMLElement): void {
  let data: Data;
  try {
    data = JSON.parse(place.dataset["chart"] ?? "") as Data;
  } catch {
    return;
  }
  const ink = token("--tblr-secondary", "#667382");
  const grid = token("--tblr-border-color", "#dadfe5");
  const roles: Record<string, string> = {
    good: token("--tblr-green", "#2fb344"),
    warn: token("--tblr-orange", "#f76707"),
    bad: token("--tblr-red", "#d63939"),
    faint: ink,
  };
  const axis = { stroke: ink, grid: { stroke: grid, width: 1 }, ticks: { stroke: grid, width: 1 } };
  const bars = uPlot.paths.bars?.({ size: [0.7, 60] });
  const series = data.series.map((one): uPlot.Series => {
    const stroke = roles[one.role ?? ""] ?? token("--tblr-primary", "#066fd1");
    const line: uPlot.Series = { label: one.label, stroke, width: 2, spanGaps: true };
    return one.bars && bars ? { ...line, fill: stroke, paths: bars } : line;
  });
  const size = () => ({ width: Math.max(place.clientWidth, 200), height: data.height ?? HEIGHT });
  const plot = new uPlot(
    {
      ...size(),
      tzDate: (at) => uPlot.tzDate(new Date(at * 1000), "Asia/Shanghai"),
      scales: { x: { time: data.time !== false } },
      axes: [axis, { ...axis, label: data.unit ?? "", labelSize: data.unit ? 20 : 0 }],
      series: [{}, ...series],
      legend: { show: data.series.length > 1 },
      plugins: [band(data)],
    },
    [data.x, ...data.series.map((one) => one.values)],
    place,
  );
  new ResizeObserver(() => plot.setSize(size())).observe(place);
}

window.uPlot = uPlot;
function drawAll(root: ParentNode): void {
  for (const place of root.querySelectorAll<HTMLElement>("[data-chart]:not(.was-drawn)")) {
    place.classList.add("was-drawn");
    draw(place);
  }
}
drawAll(document);
document.addEventListener("htmx:afterSettle", (event) => drawAll(event.target as HTMLElement));
