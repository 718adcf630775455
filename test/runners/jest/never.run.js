/** Run by a Jest of its own: a request that never ends. */
const { useWaylay } = require('waylay/jest');

useWaylay();

test('leaves a request open', async () => {
  fetch(`${process.env.ELSEWHERE}/never?token=secret`);
});
