// Runs `run` once, `wait` ms after the last call; .now() runs what waits at once, .cancel() never.
export function later(run, wait) {
  let timer = null;
  let waiting = null;
  const call = (...args) => {
    clearTimeout(timer);
    waiting = args;
    timer = setTimeout(call.now, wait);
  };
  call.now = () => {
    const args = waiting;
    call.cancel();
    if (args) run(...args);
  };
  call.cancel = () => {
    clearTimeout(timer);
    waiting = null;
  };
  return call;
}
