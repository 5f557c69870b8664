// Loaded by a command's process in a test (NODE_OPTIONS=--import=…): its clock is ahead of the stack's, as if it was run later.
const now = Date.now;
const ahead = Number(process.env.CLOCK_AHEAD_MS);
Date.now = () => now() + ahead;
