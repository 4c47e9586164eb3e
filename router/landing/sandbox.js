/** Apollo's own page in a frame. Its script may not be there: then the message says so. */
if (window.EmbeddedSandbox === undefined) {
  document.getElementById('state').textContent = 'Apollo Sandbox cannot be reached from here';
} else {
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
