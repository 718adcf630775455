/** The work of a pool's workers. */
module.exports = require('./clients.cjs').ask;
