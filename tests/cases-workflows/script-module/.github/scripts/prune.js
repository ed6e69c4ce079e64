// Deletes the oldest version.
module.exports = async ({ github }) => {
  await github.rest.packages.deletePackageVersionForOrg({
    package_type: "container",
    package_name: "agent/runner",
    org: "acme",
    package_version_id: 1,
  });
};
