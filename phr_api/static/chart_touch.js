// Bundled with Vega (phr_api/chart_script.py). Puts a chart that answers to touch in place of the server's picture.
// `ast`: expressions are interpreted, not compiled, so the page needs no `unsafe-eval`.
window.phrChart = (place, spec) =>
  vegaEmbed(place, spec, {
    ast: true,
    actions: false,
    renderer: "svg",
    defaultStyle: false,
    tooltip: { disableDefaultStyle: true },
  });
