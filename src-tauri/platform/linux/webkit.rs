//! Two things of WebKitGTK that the `webkit2gtk` crate does not wrap: features (since 2.42) and content filters.
#![allow(unsafe_code)] // Calls into a C library; each block says why it holds.

use std::{
    ffi::{CStr, CString, c_char, c_void},
    path::Path,
    ptr,
};
use webkit2gtk::{
    UserContentManager, WebView, WebViewExt as _,
    ffi::{
        WebKitSettings, WebKitUserContentFilterStore, webkit_user_content_filter_store_new,
        webkit_user_content_filter_store_save, webkit_user_content_filter_store_save_finish,
        webkit_user_content_filter_unref, webkit_user_content_manager_add_filter,
    },
    gio,
    glib::{self, translate::ToGlibPtr as _},
};

#[repr(C)]
struct FeatureList(c_void);
#[repr(C)]
struct Feature(c_void);

// <https://webkitgtk.org/reference/webkit2gtk/stable/struct.Feature.html>
unsafe extern "C" {
    fn webkit_settings_get_all_features() -> *mut FeatureList;
    fn webkit_feature_list_get_length(list: *mut FeatureList) -> usize;
    fn webkit_feature_list_get(list: *mut FeatureList, index: usize) -> *mut Feature;
    fn webkit_feature_list_unref(list: *mut FeatureList);
    fn webkit_feature_get_identifier(feature: *mut Feature) -> *const c_char;
    fn webkit_settings_get_feature_enabled(settings: *mut WebKitSettings, feature: *mut Feature)
    -> glib::ffi::gboolean;
    fn webkit_settings_set_feature_enabled(
        settings: *mut WebKitSettings,
        feature: *mut Feature,
        on: glib::ffi::gboolean,
    );
}

/// Switches features off by name; answers those that are off now, which leaves out any that this WebKit does not have.
pub fn switch_off(view: &WebView, names: &[&str]) -> Vec<String> {
    let Some(settings) = webkit2gtk::WebViewExt::settings(view) else { return Vec::new() };
    let mut done = Vec::new();
    // SAFETY: the list is ours until the unref; features and their identifiers live as long as the list; `settings` is
    // held by this function.
    unsafe {
        let list = webkit_settings_get_all_features();
        for index in 0..webkit_feature_list_get_length(list) {
            let feature = webkit_feature_list_get(list, index);
            let name = CStr::from_ptr(webkit_feature_get_identifier(feature)).to_string_lossy().into_owned();
            if names.contains(&name.as_str()) {
                webkit_settings_set_feature_enabled(settings.to_glib_none().0, feature, glib::ffi::GFALSE);
                if webkit_settings_get_feature_enabled(settings.to_glib_none().0, feature) == glib::ffi::GFALSE {
                    done.push(name);
                }
            }
        }
        webkit_feature_list_unref(list);
    }
    done
}

/// Two rules, because the filter's expressions know no alternation.
const RULES: &str = r#"[
  {"trigger": {"url-filter": "^https?:"}, "action": {"type": "block"}},
  {"trigger": {"url-filter": "^wss?:"}, "action": {"type": "block"}}
]"#;

/// Blocks every request over http and ws, whatever asks for it. Compiled in the background; a failure is logged, since
/// this is the second net and not the first.
pub fn block_network(view: &WebView, cache: &Path) {
    let Some(manager) = view.user_content_manager() else { return };
    let Ok(path) = CString::new(cache.as_os_str().as_encoded_bytes()) else { return };
    let rules = glib::Bytes::from_static(RULES.as_bytes());
    // SAFETY: the strings are NUL-terminated and copied by the callee; the manager is kept alive by the box that
    // `compiled` takes back; the store is unreferenced there too.
    unsafe {
        let store = webkit_user_content_filter_store_new(path.as_ptr());
        webkit_user_content_filter_store_save(
            store,
            c"no-network".as_ptr(),
            rules.to_glib_none().0,
            ptr::null_mut(),
            Some(compiled),
            Box::into_raw(Box::new(manager)).cast(),
        );
    }
}

/// The store has compiled the rules: put them to work.
unsafe extern "C" fn compiled(
    store: *mut glib::gobject_ffi::GObject,
    result: *mut gio::ffi::GAsyncResult,
    manager: glib::ffi::gpointer,
) {
    // SAFETY: GIO calls this once, on the main thread, with the store and the box given above; filter and error are
    // ours to free.
    unsafe {
        let manager = Box::from_raw(manager.cast::<UserContentManager>());
        let mut error = ptr::null_mut();
        let filter = webkit_user_content_filter_store_save_finish(
            store.cast::<WebKitUserContentFilterStore>(),
            result,
            &raw mut error,
        );
        if filter.is_null() {
            if !error.is_null() {
                let message = CStr::from_ptr((*error).message).to_string_lossy();
                tracing::error!(%message, "the content filter did not compile");
                glib::ffi::g_error_free(error);
            }
        } else {
            webkit_user_content_manager_add_filter(manager.to_glib_none().0, filter);
            webkit_user_content_filter_unref(filter);
            tracing::info!("content filter in place");
        }
        glib::gobject_ffi::g_object_unref(store);
    }
}
