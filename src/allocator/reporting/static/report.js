// Unpacks plotly and draws each chart in the page's own colours, again when these change.
(async () => {
  const charts = [...document.querySelectorAll(".chart")];
  if (!charts.length) return;

  const packed = document.getElementById("plotly-packed").textContent;
  const bytes = Uint8Array.from(atob(packed), (character) => character.charCodeAt(0));
  const unpacked = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  const code = document.createElement("script");
  code.textContent = await new Response(unpacked).text();
  document.head.append(code);

  const figures = charts.map((chart) => chart.querySelector("script").textContent);
  const settings = { responsive: true, displayModeBar: false };

  function themed(text) {
    const style = getComputedStyle(document.documentElement);
    const ink = style.getPropertyValue("--ink").trim();
    const line = style.getPropertyValue("--line").trim();
    const figure = JSON.parse(text, (_, value) => (value === "ink" ? ink : value));
    const layout = figure.layout;
    layout.paper_bgcolor = layout.plot_bgcolor = "rgba(0,0,0,0)";
    layout.font = { family: style.fontFamily, size: 12, color: ink };
    layout.dragmode = false;
    for (const axis of [layout.xaxis, layout.yaxis]) {
      Object.assign(axis, { gridcolor: line, linecolor: line, zerolinecolor: line, automargin: true });
    }
    return figure;
  }

  function draw() {
    charts.forEach((chart, place) => {
      const figure = themed(figures[place]);
      Plotly.react(chart, figure.data, figure.layout, settings);
    });
  }

  function fit() {
    charts.forEach((chart) => Plotly.relayout(chart, { width: chart.clientWidth, height: chart.clientHeight }));
  }

  charts.forEach((chart) => chart.replaceChildren());
  draw();
  document.body.dataset.charts = "drawn";
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
  matchMedia("print").addEventListener("change", () => { draw(); fit(); });
})();
