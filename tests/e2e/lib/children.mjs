// A test that is stopped takes what it started with it: a server left behind would hold the next run up.

const children = new Set();

/** Ends this child process when this process ends, however that comes. */
export function endWithUs(child) {
  children.add(child);
  child.once('exit', () => children.delete(child));
}

process.on('exit', () => {
  for (const child of children) child.kill('SIGTERM');
});
for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => process.exit(1));
