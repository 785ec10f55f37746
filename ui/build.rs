//! Compiles the screens. Debug information stays in every profile: the browser view's accessible
//! layer and the tests find elements by it. Translations are bundled, so the language switches while running.
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let config = slint_build::CompilerConfiguration::new()
        .with_style("fluent-light".into())
        .with_debug_info(true)
        .with_bundled_translations("lang")
        .with_default_translation_context(slint_build::DefaultTranslationContext::None);
    println!("cargo:rerun-if-changed=lang");
    slint_build::compile_with_config("app.slint", config)?;
    Ok(())
}
