// <eventify-chart data-option="…">: draws the option the server made. Colours in it are names of our tokens
// ("var(--mark-ok)"), looked up in the page as it is and again when its theme changes. Nothing here makes markup or an
// inline style by text, so it runs under our content policy; tooltips are drawn on the canvas.
import { init, use } from 'echarts/core';
import { BarChart, LineChart, PieChart } from 'echarts/charts';
import { AriaComponent, GridComponent, LegendPlainComponent, TooltipComponent } from 'echarts/components';
import { CanvasRenderer } from 'echarts/renderers';

use([BarChart, LineChart, PieChart, AriaComponent, GridComponent, LegendPlainComponent, TooltipComponent, CanvasRenderer]);

const asked = (query) => window.matchMedia(query);
const DARK = asked('(prefers-color-scheme: dark)');
const CONTRAST = asked('(prefers-contrast: more)');
const STILL = asked('(prefers-reduced-motion: reduce)');

/** Any colour CSS knows, as one the drawing library can reckon with (it reads no oklch). */
function reckonable(color) {
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = 1;
  const pen = canvas.getContext('2d', { willReadFrequently: true });
  pen.fillStyle = color;
  pen.fillRect(0, 0, 1, 1);
  const [r, g, b, a] = pen.getImageData(0, 0, 1, 1).data;
  return `rgba(${r},${g},${b},${+(a / 255).toFixed(3)})`;
}

/** Looks tokens up as they are at this element. */
function tokens(element) {
  const probe = document.createElement('span');
  probe.hidden = true;
  element.append(probe);
  const known = new Map();
  const look = (name) => {
    if (!known.has(name)) {
      probe.style.color = name;
      known.set(name, reckonable(getComputedStyle(probe).color));
    }
    return known.get(name);
  };
  return { look, done: () => probe.remove() };
}

/** The option with every token's name replaced by its colour. */
function coloured(value, look) {
  if (typeof value === 'string') return value.startsWith('var(--') ? look(value) : value;
  if (Array.isArray(value)) return value.map((one) => coloured(one, look));
  if (value && typeof value === 'object') {
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, coloured(one, look)]));
  }
  return value;
}

/** Numbers as people write them where they pay in this currency (1,00,000 in India), as amounts if there is one. */
function writer(currency) {
  const way = currency && { style: 'currency', currency, currencyDisplay: 'narrowSymbol', minimumFractionDigits: 0 };
  const format = new Intl.NumberFormat(currency === 'INR' ? 'en-IN' : 'en', way || {});
  return (value) => format.format(value);
}

/** What all our charts look like, so that the server need not say it each time. */
function theme(look, font) {
  const [text, muted, line, surface, raised] = ['text', 'muted', 'line', 'surface', 'raised'].map((t) => look(`var(--${t})`));
  const axis = {
    axisLine: { lineStyle: { color: line } },
    axisTick: { show: false },
    axisLabel: { color: muted, fontSize: 11, hideOverlap: true },
    splitLine: { lineStyle: { color: line } },
    nameTextStyle: { color: muted },
  };
  return {
    color: ['accent', 'warn', 'info', 'ok', 'bad', 'quiet'].map((t) => look(`var(--mark-${t})`)),
    backgroundColor: 'transparent',
    textStyle: { fontFamily: font, color: text },
    categoryAxis: {
      ...axis, splitLine: { show: false },
      // The outermost labels stay within the drawing.
      axisLabel: { ...axis.axisLabel, alignMinLabel: 'left', alignMaxLabel: 'right' },
    },
    valueAxis: { ...axis, axisLine: { show: false } },
    legend: { textStyle: { color: muted, fontSize: 12 }, inactiveColor: line, itemWidth: 10, itemHeight: 10, itemGap: 16 },
    tooltip: {
      backgroundColor: raised, borderColor: line, borderWidth: 1, padding: [8, 12], textStyle: { color: text, fontSize: 12 },
      axisPointer: { lineStyle: { color: muted }, shadowStyle: { color: look('var(--hover)') } },
    },
    pie: { itemStyle: { borderColor: surface, borderWidth: 2 }, label: { color: text } },
    line: { symbolSize: 6, lineStyle: { width: 2 } },
  };
}

class EventifyChart extends HTMLElement {
  static observedAttributes = ['data-option'];
  #chart = null;
  #stop = null;

  connectedCallback() {
    const again = () => this.#draw();
    const size = new ResizeObserver(() => this.#chart?.resize());
    const root = new MutationObserver(again);
    size.observe(this);
    root.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] });
    const media = [DARK, CONTRAST, STILL];
    for (const query of media) query.addEventListener('change', again);
    this.#stop = () => {
      size.disconnect();
      root.disconnect();
      for (const query of media) query.removeEventListener('change', again);
    };
    again();
  }

  disconnectedCallback() {
    this.#stop?.();
    this.#chart?.dispose();
    this.#chart = null;
  }

  attributeChangedCallback() {
    if (this.isConnected && this.#stop) this.#draw();
  }

  #draw() {
    this.#chart?.dispose();
    const { look, done } = tokens(this);
    const { currency, ...option } = coloured(JSON.parse(this.dataset.option), look);
    const looks = theme(look, getComputedStyle(this).fontFamily);
    const write = writer(currency);
    looks.valueAxis.axisLabel = { ...looks.valueAxis.axisLabel, formatter: write };
    done();
    this.#chart = init(this, looks);
    this.#chart.setOption({
      ...option,
      animation: !STILL.matches,
      animationDuration: 300,
      // The element has its own label; patterns only for those who ask for more contrast.
      aria: { enabled: true, label: { enabled: false }, decal: { show: CONTRAST.matches } },
      tooltip: { ...option.tooltip, valueFormatter: write, renderMode: 'richText', confine: true },
    });
  }
}

if (!customElements.get('eventify-chart')) customElements.define('eventify-chart', EventifyChart);
