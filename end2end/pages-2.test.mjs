// Half of the pages, beside the other half. `node --test pages.mjs` looks at all of them.
process.env.PAGES = '2/2';
await import('./pages.mjs');
