/** What a pool has its workers do. */
module.exports = require('./clients.cjs').ask;
