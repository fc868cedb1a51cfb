/**
 * The script of the page: tabs that choose a panel, the crosshair of the loss curves, films and players. It writes text only as
 * `textContent`, and the page is complete without it.
 */
export const REPORT_SCRIPT = `'use strict';
document.documentElement.classList.add('scripted');

function choose(chooser) {
  const tabs = [...chooser.querySelectorAll(':scope > .tabs > [role=tab]')];
  const panels = [...chooser.querySelectorAll(':scope > .panels > [role=tabpanel]')];
  function select(index, focus) {
    tabs.forEach((tab, i) => {
      tab.setAttribute('aria-selected', String(i === index));
      tab.tabIndex = i === index ? 0 : -1;
    });
    panels.forEach((panel, i) => { panel.hidden = i !== index; });
    if (focus) tabs[index].focus();
  }
  tabs.forEach((tab, i) => {
    tab.addEventListener('click', () => select(i, false));
    tab.addEventListener('keydown', (event) => {
      const last = tabs.length - 1;
      const next = {
        ArrowRight: i === last ? 0 : i + 1, ArrowDown: i === last ? 0 : i + 1,
        ArrowLeft: i === 0 ? last : i - 1, ArrowUp: i === 0 ? last : i - 1, Home: 0, End: last,
      }[event.key];
      if (next === undefined) return;
      event.preventDefault();
      select(next, true);
    });
  });
  select(0, false);
}

function trace(plot) {
  const { bottom, top, lastStep, curves } = JSON.parse(plot.dataset.curves);
  const crosshair = plot.querySelector('.crosshair');
  const tooltip = plot.querySelector('.tooltip');
  const steps = [...new Set(curves.flatMap(({ points }) => points.map(([step]) => step)))].sort((a, b) => a - b);
  let at = steps.length - 1;
  const nearest = (list, target, key) =>
    list.reduce((best, item, i) => (Math.abs(key(item) - target) < Math.abs(key(list[best]) - target) ? i : best), 0);
  function show() {
    const step = steps[at];
    const share = step / lastStep;
    crosshair.style.left = share * 100 + '%';
    tooltip.replaceChildren();
    const head = document.createElement('b');
    head.textContent = 'step ' + step.toLocaleString('en-US');
    tooltip.append(head);
    for (const { label, colour, points } of curves) {
      if (step > points[points.length - 1][0] + lastStep / 50) continue;
      const row = document.createElement('span');
      const swatch = document.createElement('i');
      swatch.className = 'swatch ' + colour;
      const value = document.createElement('em');
      value.textContent = points[nearest(points, step, ([s]) => s)][1].toFixed(3);
      row.append(swatch, label + ' ', value);
      tooltip.append(row);
    }
    crosshair.hidden = tooltip.hidden = false;
    const width = plot.clientWidth;
    const left = share * width + 12 + tooltip.offsetWidth > width ? share * width - 12 - tooltip.offsetWidth : share * width + 12;
    tooltip.style.left = Math.max(0, Math.min(left, width - tooltip.offsetWidth)) + 'px';
  }
  function hide() { crosshair.hidden = tooltip.hidden = true; }
  function follow(event) {
    const box = plot.getBoundingClientRect();
    at = nearest(steps, ((event.clientX - box.left) / box.width) * lastStep, (step) => step);
    show();
  }
  plot.addEventListener('pointermove', follow);
  plot.addEventListener('pointerdown', follow);
  plot.addEventListener('pointerleave', hide);
  plot.addEventListener('focus', () => { if (plot.matches(':focus-visible')) show(); });
  plot.addEventListener('blur', hide);
  plot.addEventListener('keydown', (event) => {
    const move = { ArrowLeft: -1, ArrowRight: 1, PageDown: -10, PageUp: 10, Home: -Infinity, End: Infinity }[event.key];
    if (move === undefined) return;
    event.preventDefault();
    at = Math.max(0, Math.min(steps.length - 1, at + move));
    show();
  });
}

// Hovering plays a film by style alone; pressing keeps it playing.
document.querySelectorAll('.film > button').forEach((button) => {
  button.addEventListener('click', () => {
    button.setAttribute('aria-pressed', String(button.getAttribute('aria-pressed') !== 'true'));
  });
});
document.querySelectorAll('[data-sound]').forEach((audio) => {
  audio.src = document.getElementById(audio.dataset.sound).src;
});
// One sound at a time.
document.addEventListener('play', ({ target }) => {
  document.querySelectorAll('audio').forEach((audio) => { if (audio !== target) audio.pause(); });
}, true);
document.querySelectorAll('[data-chooser]').forEach(choose);
document.querySelectorAll('[data-curves]').forEach(trace);
`;
