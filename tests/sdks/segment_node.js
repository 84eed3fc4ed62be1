// Sends the calls that stand on standard input with @segment/analytics-node, as its manual says.
const { createRequire } = require("module");
const { readFileSync } = require("fs");
const load = createRequire(process.argv[2] + "/package.json");
const { Analytics } = load("@segment/analytics-node");
const { key, url, calls } = JSON.parse(readFileSync(0, "utf-8"));

const analytics = new Analytics({
  writeKey: key,
  host: url,
  flushAt: 4,
  flushInterval: 50,
});
analytics.on("error", (error) => {
  console.error(error);
  process.exitCode = 1;
});
for (const call of calls) {
  const body = call.does === "identify" || call.does === "group" ? "traits" : "properties";
  const given = {
    userId: call.user,
    anonymousId: call.anonymous,
    previousId: call.previous,
    groupId: call.group,
    [call.does === "track" ? "event" : "name"]: call.name,
    timestamp: call.at && new Date(call.at),
    messageId: call.message_id,
    [body]: call.does === "alias" ? undefined : call.body,
  };
  analytics[call.does](Object.fromEntries(Object.entries(given).filter(([, value]) => value)));
}
analytics.closeAndFlush({ timeout: 30000 });
