/** Plain CommonJS, no flags and no transforms, with the package as it is built. */
module.exports = {
  rootDir: __dirname,
  testMatch: ['<rootDir>/*.run.js'],
  transform: {},
  moduleNameMapper: { '^waylay/jest$': '<rootDir>/../../../dist/cjs/fixtures/jest.js' },
};
