module.exports = {
  rootDir: __dirname,
  testMatch: ['<rootDir>/*.run.js'],
  transform: {},
  testTimeout: 60_000,
  moduleNameMapper: { '^waylay/jest$': `${process.env.WAYLAY_BUILT}/cjs/fixtures/jest.js` },
};
