/** What each setting is for, in Spanish: in the templates for Group Policy and in the page. */
export const spanish: Readonly<Record<string, string>> = {
  'servers.allowed': 'Servidores FHIR (direcciones base) en los que se puede iniciar sesión. Sin definir: cualquiera.',
  'servers.suggested':
    'Servidor FHIR (dirección base) que ofrece la primera pantalla, para que nadie tenga que escribirlo.',
  proxy:
    'Cómo se llega a los servidores: como indique el sistema operativo, directamente, por un proxy o por un script (operations.md, "Certificates and proxies").',
  'tls.pins':
    'Claves (SHA-256 de SPKI) de las que una debe estar en la cadena del certificado de un host. Dos por cada host: una es de reserva.',
  'tls.clientCertificates':
    'Hosts a los que se puede mostrar un certificado de la estación de trabajo, y emisores de tal certificado. Sin definir: cada host en el que se inicia sesión.',
  'panel.group': 'Id lógico de un Group cuyos miembros son también pacientes de cada profesional.',
  'panel.list': 'Id lógico de una List cuyos pacientes son también pacientes de cada profesional.',
  remoteDebugging:
    'En Linux: se admite un inicio con --remote-debugging-port, y se indica en todas las pantallas. Solo para pruebas de TI.',
  retentionDays:
    'Días que permanecen en la estación de trabajo los registros de un paciente que salió del panel, según el reloj del servidor.',
  'cache.leaveOut':
    'Tipos FHIR que no se guardan en la estación de trabajo: no se obtienen, y se quitan en la siguiente sincronización. Entre CarePlan, DiagnosticReport, DocumentReference, FamilyMemberHistory, Goal, Immunization, Procedure, QuestionnaireResponse, ServiceRequest y Specimen; una lista con cualquier otro se considera mal formada.',
  clockLimitMs:
    'Diferencia entre los relojes de la estación de trabajo y del servidor, en milisegundos, a partir de la cual se muestra.',
  cursorLimitMs:
    'Cuánto, en milisegundos, puede adelantarse lo último obtenido al reloj del servidor antes de considerar que el servidor se restableció.',
  massShare:
    'Proporción de los registros comparados a partir de la cual su ausencia se considera un restablecimiento del servidor y no borrados.',
  sweepHours: 'Horas entre dos comparaciones de todos los identificadores y versiones con el servidor.',
  historyPages:
    'Páginas del historial de un tipo que una sincronización lee como máximo para sus borrados; más allá se comparan los identificadores.',
  neverMerge:
    'Tipos FHIR cuyos conflictos nunca se combinan sin una persona, además de alergias, problemas y medicación.',
  'unlock.minLength': 'Número mínimo de caracteres de una frase de contraseña nueva.',
  'unlock.minStrength': 'Fortaleza que debe tener una frase de contraseña nueva, de 0 a 4 (zxcvbn).',
  'unlock.maxAttempts':
    'Frases de contraseña erróneas seguidas tras las cuales se destruye el secreto del dispositivo.',
  'unlock.kdfTargetMs':
    'Lo que debe tardar la derivación de la clave a partir de la frase de contraseña al inscribirse, en milisegundos; nunca menos de 64 MiB y tres pasadas.',
  'unlock.recoveryKey':
    'Clave pública (RSA de 3072 bits o más, PEM, SPKI) para la que se sella también la clave del trabajo no enviado.',
  'lock.idleMs': 'Sin teclado ni puntero en Wardlight durante estos milisegundos, se bloquea.',
  'lock.withSystem':
    'El bloqueo de pantalla del sistema operativo, la sesión de otro usuario, la suspensión y la tapa cerrada bloquean también Wardlight.',
  'lease.offlineMs':
    'Cuánto tiempo, en milisegundos, se abren los registros sin conexión tras el último contacto con el servidor.',
  'lease.graceMs':
    'Cuánto tiempo, en milisegundos, se conservan después las claves; luego se destruyen, con lo que no se envió.',
  'lease.noticeMs': 'Durante cuánto tiempo, en milisegundos, se avisa en la pantalla antes de hacerlo.',
  'screen.contentProtection':
    'Mantiene la ventana fuera de las capturas y de la pantalla compartida, donde el sistema operativo puede.',
  'screen.shadeOnBlur': 'Cubre la página mientras otra ventana está delante.',
  'screen.clipboardMs':
    'Tras estos milisegundos se borra del portapapeles lo que se copió de un expediente; 0 para nunca.',
  'output.print': 'Se pueden imprimir carpetas, etiquetas y hojas de números.',
  'output.copy': 'Lo que muestra Wardlight se puede copiar al portapapeles o arrastrar a otro programa.',
  documents:
    'Cifrado de archivos y campos antes de que salgan de la estación de trabajo (operations.md, "Documents"). Sin definir: no se puede adjuntar ningún archivo.',
  'downtime.binder': 'Se preparan carpetas para una caída del sistema, por sí solas y a petición.',
  'downtime.everyMinutes':
    'Minutos tras los cuales se prepara de nuevo la carpeta de la lista del profesional mientras Wardlight está desbloqueado.',
  'downtime.leastMinutes':
    'Una sincronización terminada también la prepara de nuevo, salvo que la última tenga menos de estos minutos.',
  'downtime.retentionHours':
    'Horas tras las cuales se borra una carpeta; la más reciente de la lista permanece hasta que haya otra.',
  'downtime.patientsMax': 'Número máximo de pacientes en una carpeta; los demás se cuentan en su primera página.',
  'downtime.paper': 'Tamaño del papel.',
  'downtime.gridStartHour': 'Hora con la que empieza la cuadrícula para firmar la medicación.',
  'downtime.saveAs': 'Una carpeta se puede guardar como archivo sin cifrar.',
  'downtime.numbers':
    'Números de visitas y muestras reservados para esta estación de trabajo (operations.md, "Downtime numbers"). Sin definir: ninguno.',
  launchIssuers:
    'Emisores (direcciones base FHIR) desde los que un EHR puede iniciar Wardlight con un enlace wardlight://launch.',
  testPatients:
    'Lo que hace de un paciente un paciente de prueba: system o system|value de un identificador, system|code de una etiqueta, la dirección de una extensión.',
  'forms.urls':
    'Direcciones canónicas de los formularios (Questionnaire) que se ofrecen. Sin definir: todos los activos del servidor.',
  'log.level': 'Qué contiene el registro del programa: cada suceso, o solo aquellos en los que algo va mal.',
  'log.keptDays': 'Días durante los que se conservan los archivos del registro del programa.',
  'log.maxMegabytes':
    'Lo máximo que pueden ocupar juntos los archivos del registro del programa, en MiB; el más antiguo se borra primero.',
  'audit.checkpointMs':
    'Tiempo máximo, en milisegundos, desde un acceso hasta el punto de control firmado que lo cubre.',
  'audit.clockJumpMs': 'Cambio del reloj de la estación de trabajo, en milisegundos, a partir del cual se registra.',
  'audit.alarms.recipients':
    'Referencias FHIR de quienes reciben las alarmas: Practitioner, PractitionerRole u Organization.',
  'audit.alarms.webhook': 'Un servicio de la organización al que se comunica cada alarma con una petición firmada.',
  'audit.alarms.historyDays': 'Días cuyos accesos forman los hábitos de una persona y de un rol.',
  'audit.alarms.knownAfterDays':
    'Días con trabajo tras los cuales se conocen los hábitos de alguien o de una estación de trabajo.',
  'audit.alarms.quietMs': 'Lo que se comunicó una vez no se vuelve a comunicar durante estos milisegundos.',
  'audit.alarms.ward': 'Cuándo un paciente cuenta como uno de la planta en la que está la estación de trabajo.',
  'audit.alarms.rules.many-charts': 'Alarma: muchos más expedientes de lo habitual.',
  'audit.alarms.rules.outside-panel': 'Alarma: pacientes que no están ni en un equipo de atención suyo ni en su panel.',
  'audit.alarms.rules.same-family-name': 'Alarma: un paciente con el mismo apellido.',
  'audit.alarms.rules.own-record': 'Alarma: el propio expediente.',
  'audit.alarms.rules.colleague': 'Alarma: el expediente de un compañero.',
  'audit.alarms.rules.confidential': 'Alarma: un expediente confidencial, según las etiquetas del Patient.',
  'audit.alarms.rules.failed-unlocks': 'Alarma: frases de contraseña erróneas.',
  'audit.alarms.rules.unusual-hours': 'Alarma: expedientes a horas en las que no trabajan ni la persona ni su rol.',
  'audit.alarms.rules.unusual-workstation': 'Alarma: expedientes en una estación de trabajo en la que nunca trabaja.',
  'audit.alarms.rules.emergency-access': 'Alarma: acceso de emergencia.',
  'audit.alarms.rules.bulk-output': 'Alarma: se imprime, exporta o copia mucho más de lo habitual.',
  'audit.alarms.rules.after-discharge': 'Alarma: expedientes de pacientes que se fueron hace mucho.',
  'audit.alarms.rules.policy-tampering': 'Alarma: políticas de acceso que no se pueden aceptar.',
  'audit.alarms.rules.clock-tampering': 'Alarma: se cambió un reloj.',
  'audit.alarms.rules.log-finding': 'Alarma: un registro de accesos que no está completo.',
  'audit.delivery':
    'Dónde se entrega el registro de accesos: depósito de una sola escritura, servidor FHIR, carpeta (operations.md, "Delivery").',
  'health.statusFolder':
    'Carpeta para el estado que lee la monitorización, además del de la carpeta de datos (operations.md, "Monitoring"). Tiene que existir.',
  'access.bundle': 'Ruta del paquete firmado de políticas de acceso. Sin definir: el que trae Wardlight.',
  'access.signingKey': 'Clave pública Ed25519 (PEM, SPKI) con la que se firma el paquete de políticas de acceso.',
  'access.emergencyMs': 'Cuánto tiempo, en milisegundos, dura un acceso de emergencia.',
  'updates.mode':
    'De dónde vienen las versiones nuevas: off (de ninguna parte), repository (su propio repositorio de paquetes; Wardlight pide un reinicio), feed (Wardlight busca por sí mismo).',
  'updates.feed': 'Con feed: dirección https de la carpeta con release.json (operations.md, "Updates").',
  'updates.keys':
    'Claves públicas (Ed25519, base64url) con las que se firma el feed. Sin definir: las que trae el paquete.',
  'updates.ring': 'Grupo de estaciones de trabajo al que pertenece esta en un despliegue por etapas.',
  'updates.deferDays': 'Días durante los cuales una persona puede aplazar una versión nueva.',
  'updates.checkMinutes': 'Minutos entre dos búsquedas de una versión nueva.',
  'removal.userData':
    'En Linux: qué hace la desinstalación del paquete con lo que guarda cada profesional. keep: nada. keep-unsent: lo destruye, salvo el trabajo no enviado y el registro de accesos. destroy: lo destruye todo, con las notas que nunca se enviaron.',
};
