// What the server tells by itself: one stream of server-sent events. An EventSource cannot say who it is, so it is read
// by hand; after a cut it goes on behind the last event that was heard.

/** Something is said every fifteen seconds: longer silence is a line that is dead. */
const SILENCE = 40_000;

let open = null;
let last = '';

export function stop() {
  open?.abort();
  open = null;
}

export async function listen({ path, token }, tell) {
  stop();
  const mine = (open = new AbortController());
  let silence;
  const heard = () => {
    clearTimeout(silence);
    silence = setTimeout(() => mine.abort(), SILENCE);
  };
  heard();
  try {
    const headers = { accept: 'text/event-stream', authorization: `Bearer ${token}`, ...(last && { 'last-event-id': last }) };
    const answer = await fetch(path, { headers, credentials: 'omit', redirect: 'error', cache: 'no-store', signal: mine.signal });
    if (answer.ok && /event-stream/.test(answer.headers.get('content-type') ?? '')) {
      const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
      for (let text = ''; ;) {
        const { value, done } = await reader.read();
        if (done || open !== mine) break;
        heard();
        const blocks = (text + value).split('\n\n');
        text = blocks.pop();
        for (const block of blocks) told(block, tell);
      }
    }
  } catch {
    // It ended: the app opens it again.
  }
  clearTimeout(silence);
  if (open !== mine) return;
  stop();
  tell({ on: 'stream', stands: false });
}

function told(block, tell) {
  const field = (name) => block.match(new RegExp(`^${name}: ?(.*)$`, 'm'))?.[1];
  last = field('id') ?? last;
  const kind = field('event');
  if (kind === 'hello') return tell({ on: 'stream', stands: true });
  if (!kind) tell({ on: 'heard', kind: String(JSON.parse(field('data') ?? '{}').type ?? '') });
}
