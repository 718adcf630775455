/** Plain CommonJS, no flags and no transforms, with the package as it is built: in dist, or where the variable says. */
const built = process.env.WAYLAY_BUILT ?? '<rootDir>/../../../dist';

module.exports = {
  rootDir: __dirname,
  testMatch: ['<rootDir>/*.run.js'],
  transform: {},
  moduleNameMapper: { '^waylay/jest$': `${built}/cjs/fixtures/jest.js` },
};
