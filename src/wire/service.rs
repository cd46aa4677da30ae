//! Services of the catalogue, as the backend lists them.

use crate::domain::id::ServiceId;
use crate::domain::locale;
use crate::domain::map::Map;

/// A service that tickets can be about.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ServiceDocument {
    /// The service.
    pub id: ServiceId,
    /// The language (BCP 47) of `name`: the fallback for all others.
    pub locale: String,
    /// Its name for people.
    pub name: String,
    /// Its name in other languages, by BCP 47 tag.
    #[cfg_attr(feature = "openapi", schema(value_type = Object, required = false))]
    pub names: Map<String, String>,
}

crate::document! { closed ServiceDocument { id: "id", locale: "locale", name: "name", names or_default: "names", } }

impl ServiceDocument {
    /// The service's name for a reader of `wanted`.
    pub fn name_in(&self, wanted: &str) -> &str {
        let tags = self.names.keys().map(String::as_str).chain([self.locale.as_str()]);
        locale::lookup(wanted, tags).and_then(|tag| self.names.get(tag)).unwrap_or(&self.name)
    }
}
