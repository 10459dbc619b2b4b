// Unpacks plotly and draws each chart in the page's own colours, again when these change.
const charts = [...document.querySelectorAll(".chart")];
const figures = charts.map((chart) => chart.querySelector("script").textContent);
const settings = { displayModeBar: false };

async function unpack() {
  const packed = document.getElementById("plotly-packed").textContent;
  const bytes = Uint8Array.from(atob(packed), (character) => character.charCodeAt(0));
  const unpacked = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  const code = document.createElement("script");
  code.textContent = await new Response(unpacked).text();
  document.head.append(code);
}

function themed(text) {
  const style = getComputedStyle(document.documentElement);
  const ink = style.getPropertyValue("--ink").trim();
  const line = style.getPropertyValue("--line").trim();
  const figure = JSON.parse(text, (_, value) => (value === "ink" ? ink : value));
  const layout = figure.layout;
  layout.paper_bgcolor = layout.plot_bgcolor = "rgba(0,0,0,0)";
  layout.font = { family: style.fontFamily, size: 12, color: ink };
  layout.dragmode = false;
  layout.showlegend = false;
  for (const axis of [layout.xaxis, layout.yaxis]) {
    Object.assign(axis, { gridcolor: line, linecolor: line, zerolinecolor: line, automargin: true });
  }
  return figure;
}

function draw() {
  charts.forEach((chart, place) => {
    const figure = themed(figures[place]);
    Plotly.react(chart, figure.data, { ...figure.layout, width: chart.clientWidth, height: chart.clientHeight }, settings);
  });
}

async function start() {
  await unpack();
  charts.forEach((chart) => chart.replaceChildren());
  draw();
  document.body.dataset.charts = "drawn";
  for (const medium of ["(prefers-color-scheme: dark)", "print"]) matchMedia(medium).addEventListener("change", draw);
  addEventListener("resize", draw);
}

if (charts.length) {
  start().catch((error) => {
    charts.forEach((chart) => chart.replaceChildren("This chart needs a newer browser; its numbers are in the tables."));
    throw error;
  });
}
