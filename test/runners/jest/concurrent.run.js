const { useWaylay } = require('waylay/jest');

useWaylay();

test.concurrent('is refused', async () => {});
