//! Every command in the README does what the README says.

#[test]
fn the_readme_holds() {
    trycmd::TestCases::new().case("../../README.md");
}
