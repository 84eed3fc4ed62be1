// What a page does with @segment/analytics-next: loads it with our address, and calls it.
window.deliver = async ({ key, url, calls }) => {
  const analytics = AnalyticsNext.AnalyticsBrowser.load({ writeKey: key, cdnURL: url });
  window.analytics = analytics;
  for (const call of calls) {
    const options = { messageId: call.message_id || undefined };
    if (call.at) options.timestamp = call.at;
    if (call.anonymous) options.anonymousId = call.anonymous;
    if (call.does === "identify") await analytics.identify(call.user, call.body, options);
    if (call.does === "track") await analytics.track(call.name, call.body, options);
    if (call.does === "page") await analytics.page(call.name, call.body, options);
    if (call.does === "screen") await analytics.screen(call.name, call.body, options);
    if (call.does === "group") await analytics.group(call.group, call.body, options);
    if (call.does === "alias") await analytics.alias(call.user, call.previous, options);
  }
};
