/** Apollo's own page in a frame. Its script may not be there: then the message underneath stays. */
if (window.EmbeddedSandbox !== undefined) {
  new window.EmbeddedSandbox({
    target: '#sandbox',
    initialEndpoint: `${window.location.origin}/graphql`,
    endpointIsEditable: false,
    initialState: { includeCookies: false, pollForSchemaUpdates: false },
    hideCookieToggle: true,
    runTelemetry: false,
    allowDynamicStyles: false,
  });
}
