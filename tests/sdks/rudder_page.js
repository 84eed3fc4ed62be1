// What a page does with @rudderstack/analytics-js: loads it with our address, and calls it.
window.deliver = async ({ key, url, calls }) => {
  const analytics = new rudderanalytics.RudderAnalytics();
  window.analytics = analytics;
  analytics.load(key, url, { configUrl: url, queueOptions: { minRetryDelay: 500 } });
  for (const call of calls) {
    const options = {};
    if (call.at) options.originalTimestamp = call.at;
    if (call.anonymous) options.anonymousId = call.anonymous;
    if (call.does === "identify") analytics.identify(call.user, call.body, options);
    if (call.does === "track") analytics.track(call.name, call.body, options);
    if (call.does === "page") analytics.page(undefined, call.name, call.body, options);
    if (call.does === "group") analytics.group(call.group, call.body, options);
    if (call.does === "alias") analytics.alias(call.user, call.previous, options);
  }
};
