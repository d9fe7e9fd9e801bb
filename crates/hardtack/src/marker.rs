/// The default marker: that of an application's only session, or of its main session if there are several.
#[derive(Debug, Clone, Copy)]
pub struct Main;
