// The total of a booking follows its number of tickets. What each number comes to is said by the page (data-totals, one
// ticket first), so that amounts are written in one place; without this script the button beside the number does it.
const seats = document.querySelector('#seats');
const total = document.querySelector('[data-totals]');

function follow() {
  const count = Number(seats.value);
  const sum = total.dataset.totals.split('|')[count - 1];
  total.textContent = sum ?? '–';
  for (const part of document.querySelectorAll('.each')) part.hidden = !sum || count === 1;
  document.querySelector('.each > span').textContent = seats.value;
}

if (seats && total) {
  document.querySelector('.by-hand')?.remove();
  seats.addEventListener('input', follow);
  // A page that is gone back to has what was typed before.
  addEventListener('pageshow', follow);
  follow();
}
