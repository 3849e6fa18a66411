//! Keeps a form control and a signal equal. The control wins at hydration, for somebody may have typed before.

use leptos::prelude::*;

use super::kept;

/// The value of a control as it was typed before a refusal, as it is in the signal, or as the server wrote it.
pub fn first_value(name: &str, value: String, bind: Option<RwSignal<String>>) -> String {
    kept::text(name, bind.map_or(value, |signal| signal.get_untracked()))
}

macro_rules! two_way {
    ($name:ident, $element:ty) => {
        /// Takes over what was typed before hydration, then writes the signal's later values into the control.
        #[cfg(feature = "hydrate")]
        pub fn $name(node: NodeRef<$element>, signal: RwSignal<String>) {
            // What is made later in the browser nobody typed into: there the signal wins from the beginning.
            let hydrating = Owner::current_shared_context().is_some_and(|context| context.during_hydration());
            Effect::new(move |taken_over: Option<bool>| {
                let Some(control) = node.get() else { return false };
                let wanted = signal.get();
                let present = control.value();
                if wanted != present {
                    if taken_over == Some(true) || !hydrating {
                        control.set_value(&wanted);
                    } else {
                        signal.set(present);
                    }
                }
                true
            });
        }

        #[cfg(not(feature = "hydrate"))]
        pub fn $name(_node: NodeRef<$element>, _signal: RwSignal<String>) {}
    };
}

two_way!(input, leptos::html::Input);
two_way!(textarea, leptos::html::Textarea);
two_way!(select, leptos::html::Select);
